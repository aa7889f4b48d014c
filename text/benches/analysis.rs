//! What turning text into terms costs, by analyzer: 100,000 real short English texts, and Japanese ones.
//!
//! `cargo bench -p vectlite-text --bench analysis`. The English texts are read from `$VECTLITE_DATA` (default:
//! `../shared/data` beside the checkout).

mod texts;

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use vectlite_text::Analyzer;

use texts::Outcome;

const ROUNDS: usize = 11;

/// As many bytes as the English texts have, about.
const JAPANESE_TEXTS: usize = 80_000;
const JAPANESE: &str = "東京タワーは日本の首都にある電波塔で、人々に愛されています。";

fn main() -> Outcome<()> {
    let path = texts::folder().join("base.jsonl");
    let mut out = std::io::stdout();
    if !path.exists() {
        return Ok(writeln!(out, "skipped: no data at {}", path.display())?);
    }
    let english = texts::read(&path)?;
    let japanese = vec![JAPANESE.to_owned(); JAPANESE_TEXTS];
    for (what, texts) in [("English", &english), ("Japanese", &japanese)] {
        for name in ["standard", "english"] {
            let analyzer = Analyzer::preset(name)?;
            let mut rounds = Vec::new();
            for _ in 0..ROUNDS {
                let started = Instant::now();
                texts.iter().for_each(|text| drop(black_box(analyzer.terms(text))));
                rounds.push(started.elapsed().as_secs_f64());
            }
            rounds.sort_by(f64::total_cmp);
            let bytes: usize = texts.iter().map(String::len).sum();
            let speed = |seconds: f64| bytes as f64 / seconds / 1e6;
            writeln!(
                out,
                "{what} text by {name}: {:.1} MB/s (rounds {:.1} to {:.1})",
                speed(rounds[ROUNDS / 2]),
                speed(rounds[ROUNDS - 1]),
                speed(rounds[0])
            )?;
        }
    }
    Ok(())
}
