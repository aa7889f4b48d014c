//! A child process that is killed while it works, and what it has told until then.

use std::io::Read;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// The lines that the child has written when it is killed, so long after its start. It must not end by itself; `what` says which
/// it is.
pub fn told(mut command: Command, after: Duration, what: &str) -> Vec<String> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Read meanwhile: a full pipe would hold the child up.
    let reading = thread::spawn(move || {
        let mut output = String::new();
        stdout.read_to_string(&mut output).unwrap();
        output
    });
    thread::sleep(after);
    // SIGKILL on Unix.
    child.kill().unwrap();
    child.wait().unwrap();
    let mut complaint = String::new();
    stderr.read_to_string(&mut complaint).unwrap();
    assert_eq!(complaint, "", "{what}: the child ended by itself");
    // A last line without its end was being written when the kill came.
    let output = reading.join().unwrap();
    output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).map(str::to_owned).collect()
}
