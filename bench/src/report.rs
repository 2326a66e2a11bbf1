//! Markdown tables, row by row as the figures come.

/// Prints a table's head.
pub(crate) fn head(title: &str, columns: &[&str]) {
    println!(
        "\n### {title}\n\n| {} |\n|{}",
        columns.join(" | "),
        "---|".repeat(columns.len())
    );
}

pub(crate) fn row(cells: &[String]) {
    println!("| {} |", cells.join(" | "));
}

/// A figure with three digits that count; `–` if there is none.
pub(crate) fn figure(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let decimals = match value.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 4,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_are_short() {
        let shown = [f64::NAN, 0.03, 2.345, 25.04, 806.4, 10_700.3].map(figure);
        assert_eq!(shown, ["–", "0.0300", "2.35", "25.0", "806", "10700"]);
    }
}
