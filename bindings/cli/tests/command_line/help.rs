//! Help suffices on its own: every command is explained, with examples that are right.

use std::process::Command;

use super::folder::Folder;

const COMMANDS: [&str; 12] = [
    "stats",
    "count",
    "list",
    "dump",
    "search",
    "import",
    "export",
    "compact",
    "verify",
    "bench",
    "demo",
    "completions",
];

/// The examples of a help text: its lines that begin with the name of the program.
fn examples(help: &str) -> Vec<&str> {
    help.lines().filter(|line| line.starts_with("  vectlite ")).map(str::trim).collect()
}

#[test]
fn help_of_all_shows_every_command_with_an_example() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).succeeded(&["--help"]);
    assert_eq!(help.stderr, "");
    for command in COMMANDS {
        let described = help.stdout.lines().any(|line| {
            line.strip_prefix("  ")
                .and_then(|line| line.strip_prefix(command))
                .is_some_and(|rest| rest.trim().len() > 10)
        });
        assert!(described, "{command} is not described");
        assert!(
            examples(&help.stdout).iter().any(|line| line.split(' ').nth(1) == Some(command)),
            "{command}"
        );
    }
    assert!(folder.names().is_empty());
}

#[test]
fn help_of_each_command_shows_how_it_is_called_and_what_it_answers() {
    let folder = Folder::new();
    for command in COMMANDS {
        let arguments = [command, "--help"];
        let help = folder.run(&arguments).succeeded(&arguments).stdout;
        assert!(help.contains(&format!("Usage: vectlite {command}")), "{help}");
        assert!(!examples(&help).is_empty(), "{help}");
        assert!(help.contains("Answer:") || command == "completions", "{help}");
    }
}

/// In a folder with nothing in it an example fails for what is missing there, and never for how it is written.
#[test]
fn examples_are_right() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_vectlite")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let folder = Folder::new();
    let mut helps = vec![folder.run(&["--help"]).stdout];
    helps.extend(COMMANDS.map(|command| folder.run(&[command, "--help"]).stdout));
    let mut tried = 0;
    for example in helps.iter().flat_map(|help| examples(help)) {
        // What is said of it stands behind two spaces.
        let example = example.split("   ").next().unwrap().replace("~/", "./").replace("/tmp/", "./");
        let example = example.replace(" by meaning and words", "");
        if example.contains("completions") {
            continue;
        }
        let output = Command::new("sh")
            .arg("-c")
            .arg(&example)
            .env("PATH", &path)
            .current_dir(folder.path(""))
            .output();
        let stderr = String::from_utf8(output.unwrap().stderr).unwrap();
        assert!(!stderr.contains("; see vectlite"), "{example}: {stderr}");
        assert!(!stderr.contains("expected") || stderr.contains("does not exist"), "{example}: {stderr}");
        tried += 1;
    }
    assert!(tried > 25, "{tried} examples");
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Folder::new().run(&["--version"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, concat!("vectlite ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn completions_know_commands_and_options() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let arguments = ["completions", shell];
        let script = folder.run(&arguments).succeeded(&arguments).stdout;
        assert!(COMMANDS.iter().all(|command| script.contains(command)), "{shell}");
        assert!(script.contains("mmr-lambda"), "{shell}");
    }
}
