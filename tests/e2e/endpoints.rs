//! What the doctor says of the servers that things are sent to: each is asked for its certificate, by a real handshake.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, SupportedProtocolVersion,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};

use crate::{
    program::{Place, lines},
    support::Tools,
};

/// A certificate of the hostile site's authority.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/tls");
    folder.join(name)
}

/// Has every name lead to this machine; where it is asked.
fn names() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut asked = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut asked) {
            // Twelve bytes of head, then the name, then its type and class, which end the question.
            let name = asked[12..length].iter().position(|&byte| byte == 0);
            let end = 12 + name.unwrap() + 5;
            let is_v4 = asked[end - 4..end - 2] == [0, 1];
            let mut said = [
                &asked[..2],
                &[0x81, 0x80, 0, 1, 0, u8::from(is_v4), 0, 0, 0, 0],
            ]
            .concat();
            said.extend(&asked[12..end]);
            if is_v4 {
                said.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
            }
            socket.send_to(&said, from).unwrap();
        }
    });
    port
}

/// A server that does this with every connection; its port.
fn server(answer: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap());
        }
    });
    port
}

/// A server with this certificate and these versions of TLS.
fn encrypting(
    certificate: &Path,
    key: &Path,
    versions: &[&'static SupportedProtocolVersion],
) -> u16 {
    let chain = CertificateDer::pem_file_iter(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            chain.collect::<Result<_, _>>().unwrap(),
            PrivateKeyDer::from_pem_file(key).unwrap(),
        );
    let config = Arc::new(config.unwrap());
    server(move |mut stream| {
        let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        // An error is a client that does not like the certificate; either way it has seen it.
        while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
        connection.send_close_notify();
        let _ = connection.complete_io(&mut stream);
    })
}

/// It answers every hello with TLS 1.1, and a cipher of that time.
fn of_yesterday() -> u16 {
    server(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let hello = [&[0x03, 0x02][..], &[7; 32], &[0, 0xc0, 0x13, 0]].concat();
        let size = u8::try_from(hello.len()).unwrap();
        let head = [0x16, 0x03, 0x02, 0, size + 4, 2, 0, 0, size];
        let _ = stream.write_all(&[&head[..], &hello].concat());
        // Until the other side has had its say.
        let _ = stream.read(&mut [0; 64]);
    })
}

/// A certificate that ends in three days, which vouches for itself; and its key.
fn ending(place: &Place) -> (PathBuf, PathBuf) {
    let (certificate, key) = (place.path("soon.pem"), place.path("soon.key"));
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=soon -days 3".split(' '))
        .args(["-addext", "subjectAltName=DNS:soon.hostile.example"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    (certificate, key)
}

#[test]
fn the_doctor_judges_each_server_by_its_handshake() {
    if Tools::find().is_none() {
        return;
    }
    let place = Place::with_instance();
    let key = kept("server.key");
    let both = &[&TLS13, &TLS12][..];
    let of = |file: &str, versions| encrypting(&kept(file), &key, versions);
    let (soon, soon_key) = ending(&place);
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // The channel, its server's port, and what is said of it, if anything.
    let cases = [
        ("good", of("good.pem", both), &[][..]),
        ("narrow", of("good.pem", &[&TLS12]), &[]),
        (
            "expired",
            of("expired.pem", both),
            &["certificate has ended", "renew"][..],
        ),
        ("early", of("early.pem", both), &["not valid yet", "clock"]),
        (
            "other",
            of("other.pem", both),
            &["for another name", "other.example"],
        ),
        (
            "doubted",
            of("doubted.pem", both),
            &["authority", "egress.ca_files"],
        ),
        ("old", of_yesterday(), &["TLS 1.2 or newer"]),
        (
            "soon",
            encrypting(&soon, &soon_key, both),
            &["(TLS 1.3) ends at 2", "renewed"],
        ),
        ("gone", nobody, &["can't be reached", "refused"]),
    ];
    let settings = fs::read_to_string(place.path("sightline.toml")).unwrap();
    let (authority, soon) = (kept("authority.pem"), soon.display());
    let frame = format!(
        "\n[egress]\nallow_networks = [\"127.0.0.0/8\"]\nname_servers = [\"127.0.0.1:{}\"]\nca_files = [{authority:?}, \"{soon}\"]\n",
        names()
    );
    let channel = |name: &str, port: u16| {
        format!(
            "\n[channels.{name}]\nkind = \"webhook\"\nurl = \"https://{name}.hostile.example:{port}/\"\nsecret_env = \"HOME\"\n"
        )
    };
    let found = |channels: String| {
        place.write("sightline.toml", &format!("{settings}{frame}{channels}"));
        let said = place.run(["doctor", "--json"]).out;
        let found = lines(&said).into_iter();
        found
            .filter(|one| one["check"] == "endpoints")
            .collect::<Vec<_>>()
    };
    let sound = found(channel("good", cases[0].1) + &channel("narrow", cases[1].1));
    assert_eq!(sound.len(), 1, "{sound:?}");
    assert_eq!(sound[0]["verdict"], "good");

    let found = found(
        cases
            .iter()
            .map(|(name, port, _)| channel(name, *port))
            .collect(),
    );
    for (name, _, words) in cases {
        let quoted = format!("'{name}'");
        let said: Vec<String> = found
            .iter()
            .map(ToString::to_string)
            .filter(|said| said.contains(&quoted))
            .collect();
        assert_eq!(
            said.len(),
            usize::from(!words.is_empty()),
            "{name}: {found:?}"
        );
        for word in words {
            assert!(said[0].contains(word), "{name}: {}", said[0]);
        }
    }
}
