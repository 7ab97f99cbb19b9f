//! Images as people are shown them: decoded within limits and written anew, so that no byte of a stranger's reaches a
//! browser's decoder.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageReader, RgbImage, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};
use sightline_extractors::images::{BadImage, ImageLimits, Proof, inspect};

/// The most bytes that an image may have to be shown.
pub(crate) const LARGEST: u64 = 20 << 20;
/// The most pixels that an image may have to be shown: what a telephone's camera makes, and no more.
pub(crate) const MOST_PIXELS: u64 = 24_000_000;
/// What an image may be to be shown.
const LIMITS: ImageLimits = ImageLimits {
    pixels: MOST_PIXELS,
    frames: 1,
    memory: 128 << 20,
    proof: Proof::Header,
};
/// The longest side, in pixels, of one that is shown.
const CLEAR: u32 = 1_200;
/// The longest side, in pixels, of one that nobody has asked to see: light and dark, and no face.
const VEILED: u32 = 10;
const QUALITY: u8 = 82;

/// How much of an image is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum View {
    /// A few grey squares.
    #[default]
    Veiled,
    /// All of it.
    Clear,
}

/// The first frame of an image as a JPEG of ours, the right way up, with nothing of its colour profile, its comments or
/// where it was taken. What shows through stands on white.
pub(crate) fn anew(bytes: &[u8], view: View) -> Result<Vec<u8>, BadImage> {
    let info = inspect(bytes, &LIMITS)?;
    let undecodable = |error: image::ImageError| BadImage::Undecodable(error.to_string());
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| BadImage::BadHeader(error.to_string()))?;
    let pixels = u64::from(info.width) * u64::from(info.height);
    reader.limits(LIMITS.memory_of(bytes.len(), pixels));
    let mut decoder = reader.into_decoder().map_err(undecodable)?;
    let upright = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).map_err(undecodable)?;
    let side = match view {
        View::Veiled => VEILED,
        View::Clear => CLEAR,
    };
    let mut small = match whole.width().max(whole.height()) > side {
        true => whole.thumbnail(side, side),
        false => whole,
    };
    small.apply_orientation(upright);
    let shown = match view {
        View::Veiled => {
            DynamicImage::ImageLuma8(DynamicImage::ImageRgb8(on_white(&small)).to_luma8())
        }
        View::Clear => DynamicImage::ImageRgb8(on_white(&small)),
    };
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&shown)
        .map_err(undecodable)?;
    Ok(jpeg)
}

fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        let over = |colour: u32| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8;
        image::Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, RgbaImage, guess_format, load_from_memory};

    use super::*;

    fn drawn(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let drawn = RgbaImage::from_fn(width, height, |x, _| match x < width / 2 {
            true => image::Rgba([200, 0, 0, 255]),
            false => image::Rgba([0, 0, 0, 0]),
        });
        let drawn = DynamicImage::ImageRgba8(drawn);
        let drawn = match format {
            ImageFormat::Jpeg => DynamicImage::ImageRgb8(drawn.to_rgb8()),
            _ => drawn,
        };
        let mut bytes = Cursor::new(Vec::new());
        drawn.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn each_format_is_written_anew_and_small() {
        use ImageFormat::{Gif, Jpeg, Png, WebP};
        for format in [Png, Jpeg, Gif, WebP] {
            let mut bytes = drawn(1_300, 130, format);
            // A polyglot: what stands behind the picture is not passed on.
            bytes.extend_from_slice(b"<script>alert(1)</script>");
            for (view, width, height) in [(View::Clear, 1_200, 120), (View::Veiled, 10, 1)] {
                let shown = anew(&bytes, view).unwrap();
                assert_eq!(guess_format(&shown).unwrap(), Jpeg, "{format:?}");
                assert!(!shown.windows(8).any(|part| part == b"<script>"));
                let shown = load_from_memory(&shown).unwrap();
                assert_eq!(
                    (shown.width(), shown.height()),
                    (width, height),
                    "{format:?}"
                );
            }
        }
    }

    #[test]
    fn what_shows_through_stands_on_white_and_what_is_veiled_is_grey() {
        let bytes = drawn(8, 8, ImageFormat::Png);
        let clear = load_from_memory(&anew(&bytes, View::Clear).unwrap()).unwrap();
        let pixel = |image: &DynamicImage, x| image.to_rgb8().get_pixel(x, 4).0;
        assert!(pixel(&clear, 7).iter().all(|&value| value > 240));
        let [red, green, blue] = pixel(&clear, 0);
        assert!(red > 150 && green < 60 && blue < 60);
        let veiled = load_from_memory(&anew(&bytes, View::Veiled).unwrap()).unwrap();
        let [red, green, blue] = pixel(&veiled, 0);
        assert!(red == green && green == blue);
    }

    #[test]
    fn what_is_no_image_or_too_large_is_refused() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>";
        assert_eq!(anew(svg, View::Clear), Err(BadImage::UnknownFormat));
        // A GIF whose header says that it is 65,535 by 65,535 pixels.
        let mut bomb = drawn(8, 8, ImageFormat::Gif);
        bomb[6..10].fill(0xff);
        assert!(matches!(
            anew(&bomb, View::Clear),
            Err(BadImage::TooManyPixels { .. })
        ));
        let mut broken = drawn(64, 64, ImageFormat::Png);
        broken.truncate(60);
        assert!(anew(&broken, View::Veiled).is_err());
    }
}
