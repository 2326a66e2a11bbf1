//! Telling what somebody wrote from the earlier letters that their program put below it.

/// How many lines "On Monday, … wrote:" is spread over at most.
const MAX_INTRODUCTION: usize = 4;
/// How far below "From:" the other lines of a repeated header may stand.
const MAX_HEADER: usize = 8;

/// The answer, and what it was written on top of. Answers between the quoted lines, or below them, stay whole.
pub(crate) fn fold(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let marks = Marks::of(&lines);
    let start = (0..lines.len()).find(|at| begins_quote(&lines, *at, &marks));
    let Some(start) = start.filter(|start| lines[..*start].iter().any(|line| !line.trim().is_empty())) else {
        return (text.trim().to_owned(), None);
    };
    let (answer, quoted) = lines.split_at(start);
    let whole = |lines: &[&str]| lines.join("\n").trim().to_owned();
    (whole(answer), Some(whole(quoted)))
}

/// The same with the provider's word for what is new.
pub(crate) fn fold_as_told(text: &str, answer: &str) -> (String, Option<String>) {
    let (text, answer) = (text.trim(), answer.trim());
    let rest = text.strip_prefix(answer).unwrap_or(text).trim();
    let quoted = (text != answer && !rest.is_empty()).then(|| rest.to_owned());
    (answer.to_owned(), quoted)
}

/// Which lines begin with `>`, found once for all lines that might introduce them.
struct Marks {
    first: Option<usize>,
    last: Option<usize>,
    /// From here on there are only quoted and empty lines, then perhaps a signature.
    tails: Vec<bool>,
}

impl Marks {
    fn of(lines: &[&str]) -> Self {
        let is_marked = |line: &&str| line.trim_start().starts_with('>');
        let mut tails = vec![true; lines.len() + 1];
        for (at, line) in lines.iter().enumerate().rev() {
            let signs = matches!(line.trim_end(), "--" | "__");
            tails[at] = signs || (tails[at + 1] && (line.trim().is_empty() || is_marked(line)));
        }
        Self {
            first: lines.iter().position(is_marked),
            last: lines.iter().rposition(is_marked),
            tails,
        }
    }

    fn is_tail(&self, at: usize) -> bool {
        self.tails.get(at).is_some_and(|tail| *tail)
    }
}

fn begins_quote(lines: &[&str], at: usize, marks: &Marks) -> bool {
    let line = lines[at].trim();
    if is_rule(line) {
        return true;
    }
    if repeats_header(&lines[at..]) {
        return true;
    }
    match introduction(&lines[at..]) {
        Some(introduction) => {
            let below = at + introduction.lines;
            if marks.last.is_some_and(|last| last >= below) {
                marks.is_tail(below)
            } else {
                introduction.is_dated
            }
        }
        None => marks.first == Some(at) && marks.is_tail(at),
    }
}

/// "-----Original Message-----", as Outlook writes it in many tongues.
fn is_rule(line: &str) -> bool {
    const WORDS: [&str; 8] = [
        "original message",
        "ursprüngliche nachricht",
        "message d'origine",
        "mensaje original",
        "mensagem original",
        "messaggio originale",
        "oorspronkelijk bericht",
        "reply above this line",
    ];
    let inner = line.trim_matches(|character: char| {
        matches!(character, '-' | '_' | '#' | '=') || character.is_whitespace()
    });
    let ruled = line.starts_with("--") || line.starts_with("__") || line.starts_with("##");
    ruled && WORDS.contains(&inner.to_lowercase().as_str())
}

/// "From: … Sent: … To: …", with or without a rule above.
fn repeats_header(lines: &[&str]) -> bool {
    const FROM: [&str; 5] = ["from:", "von:", "de :", "de:", "da:"];
    const DATE: [&str; 10] = [
        "sent:",
        "date:",
        "gesendet:",
        "datum:",
        "envoyé :",
        "envoyé:",
        "enviado:",
        "enviado el:",
        "fecha:",
        "inviato:",
    ];
    const REST: [&str; 10] = [
        "to:", "subject:", "an:", "betreff:", "à :", "objet :", "para:", "asunto:", "assunto:", "oggetto:",
    ];
    let plain = |line: &&str| {
        line.trim()
            .trim_start_matches(['*', '>', ' '])
            .replace('*', "")
            .to_lowercase()
    };
    let below_rule = lines[0].trim().len() >= 10 && lines[0].trim().chars().all(|character| character == '_');
    let lines: Vec<String> = lines
        .iter()
        .skip(usize::from(below_rule))
        .take(MAX_HEADER)
        .map(plain)
        .collect();
    let has = |names: &[&str]| {
        lines
            .iter()
            .any(|line| names.iter().any(|name| line.starts_with(name)))
    };
    let opens = lines
        .first()
        .is_some_and(|line| FROM.iter().any(|name| line.starts_with(name)));
    opens && has(&DATE) && has(&REST)
}

struct Introduction {
    lines: usize,
    /// Programs tell when or whom; people may just say "on Monday I wrote:".
    is_dated: bool,
}

/// "On 1 May, Ann wrote:"
fn introduction(lines: &[&str]) -> Option<Introduction> {
    const OPENINGS: [&str; 9] = ["on ", "am ", "le ", "el ", "em ", "il ", "op ", "den ", "w dniu "];
    const VERBS: [&str; 10] = [
        "wrote",
        "schrieb",
        "a écrit",
        "escribió",
        "escreveu",
        "ha scritto",
        "schreef",
        "skrev",
        "napisał",
        "writes",
    ];
    let first = lines[0].trim().to_lowercase();
    if !OPENINGS.iter().any(|opening| first.starts_with(opening)) {
        return None;
    }
    let mut joined = String::new();
    for (nth, line) in lines.iter().take(MAX_INTRODUCTION).enumerate() {
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            return None;
        }
        joined.push(' ');
        joined.push_str(&line);
        if line.ends_with(':') {
            return VERBS
                .iter()
                .any(|verb| joined.contains(verb))
                .then(|| Introduction {
                    lines: nth + 1,
                    is_dated: joined
                        .contains(|character: char| character == '@' || character.is_ascii_digit()),
                });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_letters_are_folded() {
        for quoted in [
            "On Mon, 1 Jan 2024 at 10:00, Ann <ann@x> wrote:\n> Hello\n>\n> Ann",
            "On Mon, 1 Jan 2024 at 10:00, Ann\n<ann@x> wrote:\n\n> Hello\n\n-- \nMe",
            "On 01/01/2024 Ann wrote:\nHello, with no marks at all",
            "Am 01.01.2024 um 10:00 schrieb Ann <ann@x>:\n> Hallo",
            "Le lun. 1 janv. 2024 à 10:00, Ann <ann@x> a écrit :\n\n> Bonjour",
            "-----Original Message-----\nFrom: Ann\nHello",
            "From: Ann <ann@x>\nSent: Monday\nTo: Me\nSubject: Re: x\n\nHello",
            "________________________________\nVon: Ann\nGesendet: Montag\nAn: Ich\nBetreff: x\n\nHallo",
            "*From:* Ann\n*Date:* Monday\n*To:* Me\n\nHello",
            "> Hello\n> you",
        ] {
            let (answer, rest) = fold(&format!("Thanks!\n\nBest\n\n{quoted}"));
            assert_eq!(answer, "Thanks!\n\nBest", "{quoted}");
            assert_eq!(rest.as_deref(), Some(quoted.trim()), "{quoted}");
        }
    }

    #[test]
    fn what_somebody_wrote_is_never_folded() {
        for whole in [
            "Hello",
            "On Monday I wrote to you:\n\nno answer came",
            "> Is it blue?\nYes.\n> Is it big?\nNo.",
            "On Mon Ann wrote:\n> Hello\n\nHello yourself, from below",
            "See:\nOn Mon, Ann wrote:\n> one\nmy answer\n> two",
            "From: Berlin to Rome, how long?",
            "On top of that:\nnothing",
            "---------- Forwarded message ---------\nFrom: Ann\nlook at this",
            "> only a quote",
            "-----Original Message-----\nonly that",
        ] {
            assert_eq!(fold(whole), (whole.to_owned(), None), "{whole}");
        }
    }

    /// A letter of nothing but introductions is looked through once.
    #[test]
    fn long_letters_are_folded_in_time() {
        let text = "On 1 Ann wrote:\n".repeat(50_000) + "> x\n\ny";
        assert_eq!(fold(&text).1, None);
    }

    #[test]
    fn the_provider_may_say_what_is_new() {
        assert_eq!(fold_as_told("a\n> b", "a"), ("a".into(), Some("> b".into())));
        assert_eq!(fold_as_told("a", "a"), ("a".into(), None));
        assert_eq!(fold_as_told("other", "a"), ("a".into(), Some("other".into())));
    }
}
