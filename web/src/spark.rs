//! Sparklines: a few numbers as bars, drawn here, with the numbers themselves for whoever does not see them.

use std::fmt;

/// How high the tallest bar is.
const HEIGHT: i64 = 20;
/// How wide a bar is with the space behind it.
const STEP: usize = 6;

/// Numbers as bars. As text it is an `<svg>` that says them, or a dash where there are none, safe to be put into a page as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Spark(pub Vec<i64>);

impl fmt::Display for Spark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A picture of nothing has nothing to be read out.
        if self.0.is_empty() {
            return f.write_str("–");
        }
        let numbers: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        let numbers = numbers.join(", ");
        let width = self.0.len() * STEP;
        let most = self.0.iter().copied().max().unwrap_or_default().max(1);
        write!(
            f,
            "<svg class=\"spark\" role=\"img\" width=\"{width}\" height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\" \
             aria-label=\"{numbers}\"><title>{numbers}</title>"
        )?;
        for (nth, number) in self.0.iter().enumerate() {
            // What is there is seen, however little it is.
            let tall = (number.max(&0) * (HEIGHT - 1) / most).max(1);
            write!(
                f,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{tall}\"/>",
                nth * STEP,
                HEIGHT - tall,
                STEP - 2
            )?;
        }
        f.write_str("</svg>")
    }
}

// It is made of digits and our own words.
impl askama::filters::HtmlSafe for Spark {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_drawn_and_said() {
        let drawn = Spark(vec![0, 10, 5]).to_string();
        assert!(drawn.contains("aria-label=\"0, 10, 5\""), "{drawn}");
        assert!(drawn.contains("<title>0, 10, 5</title>"));
        for bar in [
            "x=\"0\" y=\"19\" width=\"4\" height=\"1\"",
            "x=\"6\" y=\"1\" width=\"4\" height=\"19\"",
            "x=\"12\" y=\"11\" width=\"4\" height=\"9\"",
        ] {
            assert!(drawn.contains(bar), "{bar}: {drawn}");
        }
        assert_eq!(Spark(Vec::new()).to_string(), "–");
    }
}
