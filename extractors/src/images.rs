//! Images: what the bytes are, by their own first bytes, checked before they are decoded.

use std::io::Cursor;

use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// What an image may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageLimits {
    /// The most pixels a frame may have: width × height. All frames together may have four times as many.
    pub pixels: u64,
    /// The most frames an animation may have.
    pub frames: u32,
    /// The most memory that decoding may take, in bytes. A still image that takes more is believed by its header: it may be
    /// as sound as any, and proving that is not worth it.
    pub memory: u64,
    /// Whether the whole image is decoded to prove that it can be, or its header alone is read.
    pub proof: Proof,
}

/// How much is done to prove that an image can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The header is read: some microseconds.
    Header,
    /// The first frame is decoded as well: some milliseconds.
    Decoded,
}

impl Default for ImageLimits {
    /// 50 million pixels, 1,000 frames, 64 MiB, decoded.
    fn default() -> Self {
        Self {
            pixels: 50_000_000,
            frames: 1_000,
            memory: 64 << 20,
            proof: Proof::Decoded,
        }
    }
}

impl ImageLimits {
    /// The memory that decoding an image of so many bytes and pixels may take: two of its frames at eight bytes a pixel, what
    /// its chunks hold, and a little. What is small on the screen has no use for more, so a picture of one pixel with a
    /// gigabyte of colour profile is not unpacked.
    pub fn memory_of(&self, bytes: usize, pixels: u64) -> Limits {
        let needed = pixels.saturating_mul(16) + header_memory(bytes);
        let mut memory = Limits::default();
        memory.max_alloc = Some(needed.min(self.memory));
        memory
    }
}

/// The memory that reading the header of an image of so many bytes may take.
fn header_memory(bytes: usize) -> u64 {
    (4 << 20) + 2 * bytes as u64
}

/// The memory that [`inspect`] needs for an image at most, beside the bytes themselves.
pub fn memory_for(bytes: &[u8], limits: &ImageLimits) -> u64 {
    let header = ImageLimits {
        proof: Proof::Header,
        ..*limits
    };
    let pixels = inspect(bytes, &header).map_or(0, |info| {
        u64::from(info.width) * u64::from(info.height) * of_pixel(bytes, info.media_type)
    });
    pixels.min(limits.memory) + header_memory(bytes.len())
}

/// The bytes that decoding needs for a pixel at most.
fn of_pixel(bytes: &[u8], media_type: &str) -> u64 {
    match media_type {
        "image/jpeg" => 4 + coefficients(bytes),
        // The 25th byte is the depth of a sample.
        "image/png" if bytes.get(24) != Some(&16) => 4,
        "image/png" => 8,
        // The frame, what it is laid over, and both.
        _ => 12,
    }
}

/// The bytes that a JPEG decoder keeps for a pixel until the whole image has come: none of one that comes line by line. What can't
/// be told is taken for the worst.
fn coefficients(bytes: &[u8]) -> u64 {
    // Segments: a marker, and a length that counts itself.
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            0xc0 | 0xc1 => return 0,
            0xc2..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => break,
            0xff => at += 1,
            0x01 | 0xd0..=0xd9 => at += 2,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    8
}

/// What an image is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageInfo {
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`.
    pub media_type: &'static str,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// 1, unless it is animated. Counted up to the limit; only where the image was decoded.
    pub frames: u32,
}

/// Why some bytes are no image that is kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadImage {
    /// Not of a format that is read; SVG is none of them, since it is a program.
    #[error("it is not a JPEG, PNG, GIF or WebP image; other formats are not kept")]
    UnknownFormat,
    /// The header cannot be read.
    #[error("its header cannot be read: {0}")]
    BadHeader(String),
    /// No pixel.
    #[error("it has no pixels ({width}×{height})")]
    Empty {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// More pixels than allowed. Found before anything was decoded.
    #[error("{width}×{height} is more than the {limit} pixels allowed")]
    TooManyPixels {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
        /// The most that is allowed.
        limit: u64,
    },
    /// More frames than allowed.
    #[error("it has more than the {limit} frames allowed")]
    TooManyFrames {
        /// The most that is allowed.
        limit: u32,
    },
    /// The header is right, what follows is not.
    #[error("it does not decode: {0}")]
    Undecodable(String),
}

/// Looks at some bytes: the format by its magic number, the dimensions before anything is decoded, then, if
/// `limits.proof` asks for it, the decoding itself.
pub fn inspect(bytes: &[u8], limits: &ImageLimits) -> Result<ImageInfo, BadImage> {
    let format = image::guess_format(bytes).map_err(|_| BadImage::UnknownFormat)?;
    let media_type = match format {
        ImageFormat::Jpeg => "image/jpeg",
        ImageFormat::Png => "image/png",
        ImageFormat::Gif => "image/gif",
        ImageFormat::WebP => "image/webp",
        _ => return Err(BadImage::UnknownFormat),
    };
    let mut header = Limits::default();
    header.max_alloc = Some(header_memory(bytes.len()));
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(header);
    let (width, height) = reader
        .into_dimensions()
        .map_err(|error| BadImage::BadHeader(error.to_string()))?;
    if width == 0 || height == 0 {
        return Err(BadImage::Empty { width, height });
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.pixels {
        return Err(BadImage::TooManyPixels {
            width,
            height,
            limit: limits.pixels,
        });
    }
    let frames = match limits.proof {
        Proof::Header => 1,
        Proof::Decoded => decode(bytes, format, pixels, limits)?,
    };
    Ok(ImageInfo {
        media_type,
        width,
        height,
        frames,
    })
}

/// Decodes the first frame, and walks the others up to the limit; returns how many there are.
fn decode(
    bytes: &[u8],
    format: ImageFormat,
    pixels: u64,
    limits: &ImageLimits,
) -> Result<u32, BadImage> {
    let undecodable = |error: image::ImageError| BadImage::Undecodable(error.to_string());
    let memory = limits.memory_of(bytes.len(), pixels);
    let frames = match format {
        ImageFormat::Gif => {
            let mut decoder =
                image::codecs::gif::GifDecoder::new(Cursor::new(bytes)).map_err(undecodable)?;
            decoder.set_limits(memory).map_err(undecodable)?;
            count(decoder.into_frames(), most_frames(pixels, limits))?
        }
        ImageFormat::WebP => {
            let mut decoder =
                image::codecs::webp::WebPDecoder::new(Cursor::new(bytes)).map_err(undecodable)?;
            decoder.set_limits(memory).map_err(undecodable)?;
            match decoder.has_animation() {
                true => count(decoder.into_frames(), most_frames(pixels, limits))?,
                false => still(decoder, 0, limits)?,
            }
        }
        ImageFormat::Png | ImageFormat::Jpeg => {
            let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
            reader.limits(memory);
            let kept = match format {
                ImageFormat::Jpeg => pixels * coefficients(bytes),
                _ => 0,
            };
            still(reader.into_decoder().map_err(undecodable)?, kept, limits)?
        }
        _ => 1,
    };
    Ok(frames)
}

/// How many frames of a size may be decoded: many small ones, or few large ones.
fn most_frames(pixels: u64, limits: &ImageLimits) -> u32 {
    let affordable = limits.pixels.saturating_mul(4) / pixels.max(1);
    limits
        .frames
        .min(u32::try_from(affordable).unwrap_or(u32::MAX))
}

/// One image, of which the decoder keeps so many bytes beside its pixels.
fn still(decoder: impl ImageDecoder, kept: u64, limits: &ImageLimits) -> Result<u32, BadImage> {
    if decoder.total_bytes().saturating_add(kept) > limits.memory {
        return Ok(1);
    }
    DynamicImage::from_decoder(decoder)
        .map(|_| 1)
        .map_err(|error| BadImage::Undecodable(error.to_string()))
}

/// Decodes frame after frame, so that only one is held at a time. A broken frame after a good one ends the count:
/// what can be shown is kept.
fn count(frames: image::Frames<'_>, most: u32) -> Result<u32, BadImage> {
    let mut good = 0;
    for frame in frames {
        match frame {
            Ok(_) => good += 1,
            Err(error) if good == 0 => return Err(BadImage::Undecodable(error.to_string())),
            Err(_) => break,
        }
        if good > most {
            return Err(BadImage::TooManyFrames { limit: most });
        }
    }
    match good {
        0 => Err(BadImage::Undecodable("it has no frame".to_owned())),
        good => Ok(good),
    }
}

#[cfg(test)]
mod tests {
    use image::{Frame, ImageEncoder, RgbImage, RgbaImage, codecs::gif::GifEncoder};

    use super::*;

    fn encoded(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbImage::from_fn(8, 4, |x, y| image::Rgb([x as u8 * 9, y as u8 * 9, 7]))
            .write_to(&mut bytes, format)
            .unwrap();
        bytes.into_inner()
    }

    fn animated(frames: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for _ in 0..frames {
            encoder
                .encode_frame(Frame::new(RgbaImage::new(2, 2)))
                .unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn images_are_known_by_their_bytes() {
        for (format, media_type) in [
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::Png, "image/png"),
            (ImageFormat::Gif, "image/gif"),
            (ImageFormat::WebP, "image/webp"),
        ] {
            let info = inspect(&encoded(format), &ImageLimits::default()).unwrap();
            let told = (info.media_type, info.width, info.height, info.frames);
            assert_eq!(told, (media_type, 8, 4, 1));
        }
        let info = inspect(&animated(3), &ImageLimits::default()).unwrap();
        assert_eq!(info.frames, 3);
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            b"<html><img></html>",
            b"BM\0\0\0\0",
        ] {
            assert_eq!(
                inspect(bytes, &ImageLimits::default()),
                Err(BadImage::UnknownFormat)
            );
        }
    }

    #[test]
    fn large_headers_are_refused_before_decoding() {
        // A PNG header of 65,535 × 65,535 pixels, and nothing behind it but its checksum.
        let mut bomb = Vec::new();
        image::codecs::png::PngEncoder::new(&mut bomb)
            .write_image(&[0], 1, 1, image::ExtendedColorType::L8)
            .unwrap();
        bomb[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        let mut checksum = u32::MAX;
        for byte in &bomb[12..29] {
            checksum ^= u32::from(*byte);
            for _ in 0..8 {
                checksum = checksum >> 1 ^ (0xedb8_8320 & (checksum & 1).wrapping_neg());
            }
        }
        bomb[29..33].copy_from_slice(&(!checksum).to_be_bytes());
        assert!(matches!(
            inspect(&bomb, &ImageLimits::default()),
            Err(BadImage::TooManyPixels { width: 65_535, .. })
        ));
    }

    #[test]
    fn long_animations_are_refused() {
        let limits = ImageLimits {
            frames: 10,
            ..ImageLimits::default()
        };
        assert_eq!(
            inspect(&animated(11), &limits),
            Err(BadImage::TooManyFrames { limit: 10 })
        );
        let few_pixels = ImageLimits {
            pixels: 4,
            ..ImageLimits::default()
        };
        assert_eq!(
            inspect(&animated(5), &few_pixels),
            Err(BadImage::TooManyFrames { limit: 4 })
        );
    }

    #[test]
    fn what_does_not_decode_is_refused_where_proof_is_asked_for() {
        let mut broken = encoded(ImageFormat::Png);
        broken.truncate(50);
        assert!(matches!(
            inspect(&broken, &ImageLimits::default()),
            Err(BadImage::Undecodable(_))
        ));
        let header = ImageLimits {
            proof: Proof::Header,
            ..ImageLimits::default()
        };
        assert_eq!(inspect(&broken, &header).unwrap().width, 8);
    }
}
