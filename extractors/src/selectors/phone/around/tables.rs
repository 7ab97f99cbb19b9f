//! The words around digits that say what they are: labels of numbers, labels of other figures, and measures. Lists are
//! written as one text each, in lower case, apart by white space.

use std::sync::LazyLock;

use crate::selectors::words::Set;

/// Words before a number that say it is one, in several languages, in lower case.
pub(super) static LABELS: LazyLock<Set> = LazyLock::new(|| set(LABELS_TEXT));
const LABELS_TEXT: &str = "\
    tel tell telephone telefon telefono teléfono telefone téléphone tél telef tlf tlph phone phones fone ph mob \
    mobile mobil móvil movil cell cel cellphone cellulare celular handy gsm portable call calls calling call/text \
    txt text texts texting sms mms imessage whatsapp whatsap watsapp wattsapp whattsapp whats wapp wsp wa app \
    viber signal telegram zalo facetime ring dial contact contacto contatto kontakt reach number numero número \
    nummer numéro numer fax hotline landline office direct appel appelez appeler llama llamar llamame llámame \
    llamadas anruf anrufen ruf chiama chiamami bel bellen ligue ligar zadzwoń dzwoń тел телефон звони звоните моб \
    вайбер ватсап вотсап whatsapp/call điện thoại thoai sđt sdt alo márcame marcame joignable хатсап номер позвони \
    пиши пишите telefoon telefonnummer numărul sună suna hívj zavolej volejte ara اتصل هاتف واتساب فون  digits \
    area prefijo vorwahl indicatif префикс ddd \
    melde melden schreib txtme sun booking bookings book enquiries inquiries hashtag tele dm-or-call dial number's \
    ringme hmu hit holla cellular landphone telef. fono telefone fones ligação liga zap zapzap whats-app wpp wts wats \
    whatsup whatsapps watsap vatsap escríbeme escribeme escribe escríbame marca márcale llámanos telefonea teléf telfs \
    écris ecris ecrivez écrivez joindre joignez appels texto textos schreibe anrufe ruft telefonisch erreichbar erreichen \
    mobilnummer handynummer rufnummer scrivi scrivimi chiamate telefonami telefonate mess messaggi numeri stuur bericht \
    app'en belle gsm-nummer mobiel mobielnummer ringa ringer smsa mejla slå telefonnumret mobilen numret nummeret telefonen \
    soita puhelin numero puh hívjon hívjál telefonszám mobilom szám napisz pisz numerem komórka komórkowy dzwońcie kontakt \
    apel apelati sunati sunați apelați nr.tel numarul mobilul zavolejte pište napište číslo mobilní volat píšte zavolajte \
    nazovi zovi pozovi javi broj arayın arayin yaz ulaş numara numaram iletişim τηλέφωνο τηλ κάλεσε πάρε κινητό κλήση \
    звони звонить звоните звонок набери наберите пишите написать номерок связь телефончик ватсап вацап тлф моб.тел телефонуй \
    телефонуйте дзвоніть дзвони набирай пиши пишіть зателефонуй зв'язок обади обадете сотка whatsapp: gọi nhắn liên hệ lh zalo: \
    telpon hubungi telp nomor nomer hp kontak tawag tawagan wasap panggil फोन कॉल मोबाइल नंबर संपर्क contato contatos móviles teléfonos telefones chame telefonnr telnr mobilnr handynr festnetz \
    cellulari gsms mobielnr 06-nummer сотовый сотовая мобильный мобила телефону телефоны набирай mobilu \
    komórkę komórkowego telefonu telefonie dzwonić numerów telefoane hotlines đth dđ reachable \
    tlf. tfno tfn telefonszámom soittaa רו טלפון נייד התקשר התקשרו \
    וואטסאפ رقم رقمي موبايل جوال للتواصل اتصلوا تواصل تلفون هاتفي كلمني";

/// Words that are written right behind a number, without a space.
pub(super) static FAREWELLS: LazyLock<Set> = LazyLock::new(|| set(FAREWELLS_TEXT));
const FAREWELLS_TEXT: &str = "\
    xoxo xo xx xxx kiss kisses now today tonight asap babe baby hun hunny honey love lover daddy papi amor bb bby please pls \
    plz only anytime always thanks thx muah mwah bises bisous bisou besos beso beijos bacio baci kuss bussi ask open available";

/// Words that may stand between a label and its number.
pub(super) static FILLERS: LazyLock<Set> = LazyLock::new(|| set(FILLERS_TEXT));
const FILLERS_TEXT: &str = "\
    è é es est ist jest este me us now at on or and is n nº n° no nr num number only my the to this a anytime today please \
    pls via for more info direct directly u y o e und oder et ou en au al sur unter auf in just with him her uk \
    usa line message messages msg up back numbers nos no. hier ici aquí aqui acá qui tutaj zde itt tu ma mein meine \
    mon ma mio mia mi min mój moje můj мой моя мені мне мне на по за для for on sur au til till på pod numer numerze \
    szam αυτό το στο at: is: en: le la el il los las den der das dem ein of you can we i it and then first op te naar met z do v k le les \
    from top bottom down downwards downward read reading vertical vertically upside arriba abajo haut bas verticalement \
    oben senkrecht runter alto basso sotto cima baixo góry dołu pionowo сверху вниз сверху-вниз столбиком boven beneden \
    sus jos trên xuống lentement slowly despacio langsam parts pieces partes parties teilen pezzi части частям частями \
    częściach bucăți stukken phần together juntos \
    starts begins opens kicks off part second third begin start empieza comienza primero principio inicia beginnt erst zuerst \
    anfang commence commencent début d'abord prima inizia comincia começa primeiro zaczyna najpierw начинается сначала \
    oder unter her bei beim vom par chez dal dalla nel ao aos pelo pela w we na po mé mi můj můžete pls so go get give";

/// Words before digits that say they are something else.
pub(super) static OTHERS: LazyLock<Set> = LazyLock::new(|| set(OTHERS_TEXT));
const OTHERS_TEXT: &str = "\
    id ref reference order receipt isbn issn ean upc asin sku item invoice ad listing post tracking account acct iban bic \
    card vat siret siren kvk ico article serial model part case ticket version build licence license passport imei \
    cpf cnpj nip regon pesel nif cif dni npi ndc ssn abn acn tfn krs hrb company registration reg registry bsn \
    rcs ust gst aadhaar инн огрн огрнип кпп снилс бик окпо едрпоу konto rachunek cuenta conta rekening kontonummer карта \
    карты паспорт договор permit certificate cert claim policy polis rx mmsi meid iccid vin chassis gtin waybill awb parcel \
    shipment consignment pacco pacchi plico paquete encomendas paczki pakiet hermes dpd gls correos ems dhl fedex usps bestellung bestellnummer pedido commande ordine заказ заказа zamówienie objednávka \
    rechnung rechnungsnummer factura facture fattura счет счёт faktura reservation reserva buchung pnr confirmation docket file \
    patent modell lot seq plz cep индекс gps coordinates koordinaten coordonnées coordonnees coordenadas coordinate coördinaten współrzędne координаты gridref mgrs utm isrc ismn pmid orcid userid steam matricola matricule matrícula \
    handelsregister steuernummer orgnr org partita iva codice fiscale tva ico ičo dič oib jmbg cnp trn registro \
    zip postcode pin latitude longitude population insta page pp doi uid pid sort swift routing \
    réf rif réference référence referencia referência riferimento referentie referenz kennung referință референс ссылка \
    annonce anuncio anúncio annuncio advertentie inserat anzeige anzeigen объявление объявления anunț anunt anunțul \
    ogłoszenie ogłoszenia rastreo rastreio suivi tracciamento sendung paket \
    pakket paczka przesyłka посылка трек трек-номер colis colissimo albarán guía envío envio spedizione colet coletul \
    expediente dossier akte aktenzeichen zaak sprawa дело dosar processo causa pratica factuur kwit \
    артикул artnr sap steuer dowód cccd cmnd cnic cédula cedula \
    artikel membership member contract mitglied folio trace protocolo protokoll protocollo seguimiento comanda comandă comenzii \
    anunțului anuntului contractului dosarului przesyłki zamówienia paczki umowy faktury sprawy konta dowodu paszportu \
    trámite póliza contrato contratto contrat vertrag factura rastreamento encomenda fatura inscrição immatriculation \
    adhérent membre tessera matricola targa abbonamento bestelling lidmaatschap kenteken договора посылки отправления \
    счёта счета полиса лицензии удостоверения лицензия mst khoản voucher coupon badge chiffre auftrag ausweis \
    pedidos kundenkonto vorgang sendungs verfolgung expédition livraison \
    rg matriz loi gesetz ley legge ustawa закон статья artículo artigo articolo articol artykuł \
    barcode batch width height views date timestamp hash qq \
    licencia licença licenza lizenz licentie licencja licencji licencję licență licența licens tillstånd colegiado \
    colegiada adeli rpps rcp kbo bce cbe cvr ytj eori uid-nr ustid ustidnr ust-idnr btw-nr \
    kennitala personnummer organisationsnummer ruc nit cuit cuil rut rfc curp rnc \
    kontonr rekeningnr iban-nr ccp blz clabe cbu cvu bankgiro plusgiro sorteio sorteo ziehung estrazione \
    lic ssn nhs nino medicare insee gmc nmc hcpc niss cuil sn tirage tirages serie série séria idnr bsb aba arxiv bpm powerball euromillions euromillones eurojackpot jackpot keno megamillions kdnr kd-nr artnr \
    lottery lotto loto lotería loteria loterie lottozahlen gewinnzahlen losowanie тираж лото dragning lottorad isni";

/// What stands behind an amount.
pub(super) static MEASURES: LazyLock<Set> = LazyLock::new(|| set(MEASURES_TEXT));
const MEASURES_TEXT: &str = "\
    usd eur gbp aud cad chf dollars euro euros pounds km kg cm mm ml ft views photos followers sqft m² sq per \
    years people visits bytes px mb kb hits gb tb mah kcal kwh rpm mhz ghz psi lumens pcs pieces pièces piezas pezzi sztuk шт \
    abonnés seguidores";

/// Spans of time, as they are counted.
pub(super) static SPANS: LazyLock<Set> = LazyLock::new(|| set(SPANS_TEXT));
const SPANS_TEXT: &str = "\
    hour hours hrs minute minutes mins day days night nights week weeks month months heures jours nuits semaines mois stunden \
    tage tagen nächte wochen monate minuten horas días dias noches semanas meses minutos noites giorni notti settimane mesi minuti \
    uren dagen nachten weken maanden godzin godziny dni nocy tygodni minut ore zile nopți săptămâni часов часа дней дня ночей \
    минут недель суток годин днів timmar dagar timer dage dní hodin giờ ngày tuần phút";

/// What stands behind somebody's years, where they stand apart behind a number: elsewhere a few of these begin a sentence.
pub(super) const AGES: [&str; 18] = [
    "yrs",
    "yo",
    "years",
    "ans",
    "anni",
    "años",
    "anos",
    "jahre",
    "jaar",
    "lat",
    "ani",
    "år",
    "let",
    "лет",
    "года",
    "роки",
    "років",
    "tuổi",
];

/// Words that say a number follows in scripts without spaces, where they stand at the end of what is before it.
pub(super) const UNSPACED_LABELS: &[&str] = &[
    "电话",
    "電話",
    "手机",
    "手機",
    "手机号",
    "手機號",
    "电话号",
    "電話號",
    "座机",
    "來電顯示",
    "โทรศัพท์",
    "สายตรง",
    "เบอร์โทร",
    "来电",
    "來電",
    "致电",
    "致電",
    "拨打",
    "撥打",
    "热线",
    "熱線",
    "联系",
    "聯繫",
    "联络",
    "聯絡",
    "微信",
    "薇信",
    "咨询",
    "諮詢",
    "预约",
    "預約",
    "打给我",
    "号码",
    "號碼",
    "短信",
    "携帯",
    "番号",
    "でんわ",
    "ケータイ",
    "連絡先",
    "전화",
    "연락처",
    "문자",
    "폰",
    "번호",
    "โทร",
    "เบอร์",
    "ติดต่อ",
    "มือถือ",
];

/// Words at the same place that say something else follows.
pub(super) const UNSPACED_OTHERS: &[&str] = &[
    "qq",
    "扣扣",
    "订单",
    "订单号",
    "编号",
    "單號",
    "单号",
    "广告号",
    "会员号",
    "会员",
    "合同号",
    "发票号",
    "流水号",
    "序列号",
    "参考号",
    "参考编号",
    "帖号",
    "预订号",
    "คำสั่งซื้อ",
    "ใบสั่ง",
    "สมาชิก",
    "อ้างอิง",
    "ทะเบียน",
    "信息编号",
    "帖子编号",
    "快递",
    "运单",
    "运单号",
    "执照号",
    "护照",
    "护照号",
    "型号",
    "货号",
    "编码",
    "番號",
    "พัสดุ",
    "รหัส",
    "เลขที่",
    "ประกาศ",
    "ออเดอร์",
    "บัญชี",
    "账号",
    "帳號",
    "卡号",
    "证号",
    "邮编",
    "身份证",
    "注文",
    "会員",
    "주문",
    "계좌",
    "群",
    "群号",
    "Q号",
    "q号",
    "qq号",
];

/// What follows an amount in those scripts.
pub(super) const UNSPACED_MEASURES: &[&str] = &[
    "元",
    "块",
    "塊",
    "円",
    "万",
    "萬",
    "千",
    "百",
    "年",
    "月",
    "日",
    "号",
    "號",
    "点",
    "點",
    "分",
    "小时",
    "小時",
    "次",
    "个",
    "個",
    "人",
    "岁",
    "歲",
    "室",
    "楼",
    "樓",
    "房",
    "公",
    "斤",
    "米",
    "원",
    "년",
    "월",
    "일",
    "시",
    "분",
    "세",
    "호",
    "บาท",
    "นาที",
    "ปี",
];

/// Words behind a number that say it is one.
pub(super) const BEHIND: &[&str] = &[
    "ask for",
    "ask me",
    "call ",
    "call me",
    "calls",
    "text",
    "txt",
    "whatsapp",
    "whats",
    "sms",
    "viber",
    "phone",
    "(call",
    "(text",
    "(whatsapp",
    "(cell",
    "(mobile",
    "(mob",
    "cell",
    "mobile",
    "ring me",
    "no text",
    "no sms",
    "demander",
    "demandez",
    "demande ",
    "et demande",
    "preguntar",
    "pregunta por",
    "y pregunta",
    "pergunte por",
    "perguntar por",
    "chiedi di",
    "chiedere di",
    "e chiedi",
    "frag nach",
    "fragt nach",
    "und frag",
    "vraag naar",
    "en vraag",
    "pytaj o",
    "zapytaj o",
    "întreab",
    "спросить",
    "спросите",
    "спроси ",
    "and ask for",
];

fn set(words: &'static str) -> Set {
    words.split_ascii_whitespace().collect()
}
