//! What the README says can be typed and found.

use std::fs;

use idwallet_test_house::{root, rust_files};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The lines of the shell blocks, without comments.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_shell = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_shell = line == "```sh";
        } else if is_shell {
            let command = line.split(" #").next().unwrap_or_default();
            found.extend(command.split("&&").map(|part| part.trim().to_owned()));
        }
    }
    found
}

/// `show-qr` is the variant `ShowQr`.
fn variant(word: &str) -> String {
    word.split('-')
        .map(|part| part[..1].to_uppercase() + &part[1..])
        .collect()
}

#[test]
fn the_two_commands_are_there_and_set_up_everything() {
    let text = readme();
    let commands = commands(&text);
    assert_eq!(commands[..2], ["cargo run --release -- demo", "tests/run"]);
    assert!(root().join("tests/run").is_file() && root().join(".ci/run").is_file());
}

#[test]
fn commands_of_the_readme_exist() {
    let arguments: String = rust_files(&root().join("examples/cli/src"))
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let (mut words, mut flags) = (0, 0);
    for command in commands(&readme()) {
        let Some(rest) = command
            .strip_prefix("idwallet ")
            .or_else(|| command.strip_prefix("cargo run --release -- "))
        else {
            let program = command.split(' ').next().unwrap_or_default();
            let known = ["cargo", "export", "echo"].contains(&program) || root().join(program).is_file();
            assert!(known, "README: {command}");
            continue;
        };
        let mut parts = rest.split_whitespace();
        let first = parts.next().unwrap_or_default();
        assert!(
            arguments.contains(&format!("    {}(", variant(first))),
            "README: idwallet {first}"
        );
        words += 1;
        if first == "wallet" {
            let second = parts.next().unwrap_or_default();
            let is_there = [" ", "(", " {", ","]
                .iter()
                .any(|end| arguments.contains(&format!("    {}{end}", variant(second))));
            assert!(is_there, "README: idwallet wallet {second}");
        }
        for flag in rest.split_whitespace().filter_map(|part| part.strip_prefix("--")) {
            let field = format!("{}:", flag.replace('-', "_"));
            let named = format!("long = \"{flag}\"");
            assert!(
                arguments.contains(&field) || arguments.contains(&named),
                "README: --{flag}"
            );
            flags += 1;
        }
    }
    assert!(
        words >= 8 && flags >= 8,
        "only {words} commands and {flags} options found"
    );
}

#[test]
fn files_and_folders_of_the_readme_exist() {
    let text = readme();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let spans = text.split('`').skip(1).step_by(2).filter(|span| {
        ["core/", "tests/", "examples/"]
            .iter()
            .any(|folder| span.starts_with(folder))
            && !span.contains([' ', '*'])
    });
    let mut count = 0;
    for path in links.chain(spans) {
        assert!(root().join(path).exists(), "README: {path} is not there");
        count += 1;
    }
    assert!(count >= 8, "only {count} paths found");
}
