//! No room left, at every write of a run: a small file system in memory (needs root), or a limit to the size of a file.

use crate::kill::{acknowledge, child, kill_after};
use crate::scene::{Files, Folder, Model, State, create, look, open, private_folder, try_create};
use crate::table::Row;
use idwallet_crypto::area::SecureAreaError;
use idwallet_storage::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const OPERATIONS: u64 = 6;
const BEFORE: u64 = 12;
const PAGE: usize = 4096;

/// A file system of its own, of some megabytes.
pub struct Mount(pub PathBuf);

impl Mount {
    /// As root only.
    pub fn new() -> Option<Self> {
        let path = std::env::temp_dir().join(format!("idwallet-faults-mount-{}", std::process::id()));
        private_folder(&path);
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m,mode=0700", "idwallet-faults"])
            .arg(&path)
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(path));
        }
        let _ = std::fs::remove_dir(&path);
        None
    }

    /// Nothing can be written there any more, or it can again.
    pub fn read_only(&self, read_only: bool) -> bool {
        let how = if read_only { "remount,ro" } else { "remount,rw" };
        let mount = Command::new("mount").args(["-o", how]).arg(&self.0).status();
        mount.is_ok_and(|status| status.success())
    }

    /// Leaves so many pages.
    fn leave(&self, pages: usize) {
        let filler = self.0.join("filler");
        let _ = std::fs::write(&filler, vec![1_u8; 8 << 20]);
        let file = std::fs::OpenOptions::new().write(true).open(&filler).unwrap();
        let full = file.metadata().unwrap().len();
        file.set_len(full / PAGE as u64 * PAGE as u64 - (pages * PAGE) as u64)
            .unwrap();
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn start() -> (Files, Model) {
    let folder = Folder::in_memory();
    let (mut vault, _) = create(&folder.0);
    let mut model = Model::default();
    while model.next < BEFORE {
        model.apply(&mut vault).unwrap();
    }
    drop(vault);
    (Files::read(&folder.0), model)
}

/// The operations, until one fails.
fn write(folder: &Path, model: &mut Model) -> Result<(), Error> {
    let (mut vault, area) = open(folder)?;
    let until = model.next + OPERATIONS;
    while model.next < until {
        model.apply(&mut vault)?;
        pollster::block_on(vault.anchor(&area))?;
    }
    vault.checkpoint()
}

fn judge(row: &mut Row, folder: &Path, model: &Model, at: usize) {
    match look(folder, model) {
        State::Whole(_) => row.noticed += 1,
        State::Lost(what) => {
            row.lost += 1;
            row.tell(|| format!("{at} pages free: {what}"));
        }
        State::Torn(what) => {
            row.torn += 1;
            row.tell(|| format!("{at} pages free: {what}"));
        }
    }
}

/// A run with 0, 1, 2… pages of room, until one has enough.
pub fn rows() -> Vec<Row> {
    let fault = "disk full at every page of a run of writes";
    let Some(mount) = Mount::new() else {
        return vec![
            limited(fault),
            Row::left_out("disk full while a vault is made", "only root can make a small disk"),
        ];
    };
    let (files, model) = start();
    let mut row = Row::new(fault);
    let folder = mount.0.join("wallet");
    private_folder(&folder);
    for pages in 0..1000 {
        let _ = std::fs::remove_file(mount.0.join("filler"));
        files.write(&folder);
        mount.leave(pages);
        let mut done = model.clone();
        let outcome = write(&folder, &mut done);
        row.cases += 1;
        // With no room at all, it must still be there; what is written then goes to a copy where there is room.
        let copy = Folder::in_memory();
        Files::read(&folder).write(&copy.0);
        judge(&mut row, &copy.0, &done, pages);
        // And where it lies, when there is room again.
        let _ = std::fs::remove_file(mount.0.join("filler"));
        let again = match open(&folder) {
            Ok((mut vault, _)) => {
                let mut next = done.clone();
                if let Ok((found, 0)) = crate::scene::content(&vault)
                    && found != done.content
                {
                    next.step();
                }
                next.apply(&mut vault).is_ok()
            }
            Err(_) => false,
        };
        if !again {
            row.touched += 1;
            row.tell(|| format!("{pages} pages: takes nothing when there is room again"));
        }
        match outcome {
            Ok(()) => break,
            Err(Error::DiskFull | Error::Io(_) | Error::Area(SecureAreaError::Full)) => {}
            Err(other) => {
                row.touched += 1;
                row.tell(|| format!("{pages} pages free: said {other}"));
            }
        }
    }
    row.tell(|| "one page of room more in each run, until all writes fit".to_owned());

    let mut making = Row::new("disk full at every page while a vault is made");
    let folder = mount.0.join("new");
    private_folder(&folder);
    for pages in 0..1000 {
        Files(std::collections::BTreeMap::new()).write(&folder);
        mount.leave(pages);
        let made = try_create(&folder).is_ok();
        making.cases += 1;
        let _ = std::fs::remove_file(mount.0.join("filler"));
        let works = match open(&folder) {
            Ok(_) => true,
            // Nothing is there, or not all: then it can be made now.
            Err(_) if !made => try_create(&folder).is_ok(),
            Err(_) => false,
        };
        if works {
            making.noticed += 1;
        } else {
            making.lost += 1;
            making.tell(|| format!("{pages} pages free: neither there nor to be made"));
        }
        if made {
            break;
        }
    }
    vec![row, making]
}

/// The process that may not write beyond a size; says every operation that is done.
pub fn limited_writer(folder: &Path) {
    let mut model = Model::after(BEFORE);
    let Ok((mut vault, _)) = open(folder) else { return };
    while model.next < BEFORE + OPERATIONS {
        if model.apply(&mut vault).is_err() {
            return;
        }
        acknowledge(&model.next.to_string());
    }
    acknowledge("all");
}

fn limited(fault: &str) -> Row {
    let mut row = Row::new(fault);
    let (files, _) = start();
    for kilobytes in 1..4000 {
        let folder = Folder::in_memory();
        files.write(&folder.0);
        let child = Command::new("bash")
            .arg("-c")
            .arg(format!(
                "trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" child-limited \"$1\""
            ))
            .arg(std::env::current_exe().unwrap())
            .arg(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = kill_after(child, 1000, 0);
        row.cases += 1;
        let done = said
            .iter()
            .filter_map(|line| line.parse().ok())
            .next_back()
            .unwrap_or(BEFORE);
        judge(&mut row, &folder.0, &Model::after(done), kilobytes);
        if said.last().is_some_and(|line| line == "all") {
            break;
        }
    }
    row.tell(|| "by a limit to the size of a file, as this is not root".to_owned());
    row
}

/// Others hold the vault, or it may not be written.
pub fn ground() -> Vec<Row> {
    let (files, model) = start();
    let mut rows = vec![second(&files)];
    let mut row = Row::new("read-only ground: refused, nothing changed");
    if let Some(mount) = Mount::new() {
        let folder = mount.0.join("wallet");
        private_folder(&folder);
        files.write(&folder);
        drop(open(&folder).unwrap());
        let before = Files::read(&folder);
        assert!(mount.read_only(true));
        row.cases += 1;
        match open(&folder) {
            Err(Error::ReadOnly) => row.noticed += 1,
            other => {
                row.lost += 1;
                row.tell(|| format!("said {:?}", other.err()));
            }
        }
        row.touched += u64::from(Files::read(&folder) != before);
        assert!(mount.read_only(false));
        row.cases += 1;
        judge(&mut row, &folder, &model, 0);
        rows.push(row);
    } else {
        rows.push(Row::left_out("read-only ground", "only root can mount"));
    }
    rows.push(permissions(&files));
    rows.push(commands());
    rows
}

/// What each command says where the wallet's directory cannot be written: nothing opens there, each ends with 3 and says why.
fn commands() -> Row {
    let fault = "read-only directory: every command of the wallet refused with exit status 3, nothing changed";
    let program = std::env::current_exe().unwrap().with_file_name("idwallet");
    let (true, Some(mount)) = (program.exists(), Mount::new()) else {
        return Row::left_out(fault, "only root can mount");
    };
    let folder = mount.0.join("wallet");
    private_folder(&folder);
    let world = idwallet_test_support::World::new(1);
    crate::seen::import(&crate::seen::new(&folder), &world, 1, 1).unwrap();
    let out = Folder::new();
    let passphrase = out.0.join("passphrase");
    std::fs::write(&passphrase, crate::seen::PASSPHRASE).unwrap();
    let id = crate::seen::open(&folder)
        .unwrap()
        .list(idwallet_test_support::NOW)
        .unwrap()
        .documents[0]
        .id
        .to_string();
    let target = |folder: &Path| folder.join("out.idwallet").to_str().unwrap().to_owned();
    let file = passphrase.to_str().unwrap();
    let export = |to: &str| -> Vec<String> { ["export", "--passphrase-file", file, to].map(str::to_owned).to_vec() };
    let before = Files::read(&folder);
    let run = |words: &[String]| {
        let mut command = Command::new(&program);
        command
            .args(["wallet", "--lang", "en", "--dir"])
            .arg(&folder)
            .args(words);
        let output = command.stdin(Stdio::null()).output().unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut row = Row::new(fault);
    let mut expect = |words: &[String], code: &str| {
        row.cases += 1;
        let (status, said) = run(words);
        if status == Some(3) && said.contains(code) {
            row.noticed += 1;
        } else {
            row.lost += 1;
            row.tell(|| format!("{words:?}: {status:?} {said}"));
        }
    };
    assert!(mount.read_only(true));
    for line in ["list", "history", "check", "reissue", "state", "lock"] {
        expect(&words(line), "W509");
    }
    expect(&words(&format!("show {id}")), "W509");
    expect(&words(&format!("remove {id} --yes")), "W509");
    expect(&export(&target(&out.0)), "W509");
    row.touched += u64::from(Files::read(&folder) != before || Path::new(&target(&out.0)).exists());
    assert!(mount.read_only(false));
    row.cases += 1;
    let (status, said) = run(&words("list"));
    row.noticed += u64::from(status == Some(0));
    row.lost += u64::from(status != Some(0));
    row.tell(|| {
        if status == Some(0) {
            "W509; opens again when it can be written".to_owned()
        } else {
            said
        }
    });
    row
}

/// Opens and says how it went.
pub fn opener(folder: &Path) {
    acknowledge(&match open(folder) {
        Ok(_) => "open".to_owned(),
        Err(Error::InUse) => "in use".to_owned(),
        Err(Error::ReadOnly) => "read-only".to_owned(),
        Err(error) => error.to_string(),
    });
}

fn second(files: &Files) -> Row {
    let mut row = Row::new("second process: \"in use\", exit status 3, nothing changed");
    let folder = Folder::new();
    files.write(&folder.0);
    let held = open(&folder.0).unwrap();
    let before = Files::read(&folder.0);
    row.cases += 1;
    let said = kill_after(child(&["child-open", folder.0.to_str().unwrap()]), 1, 0);
    row.noticed += u64::from(said == ["in use"]);
    row.lost += u64::from(said != ["in use"]);
    let command = std::env::current_exe().unwrap().with_file_name("idwallet");
    if command.exists() {
        row.cases += 1;
        let output = Command::new(command)
            .args(["wallet", "list", "--dir"])
            .arg(&folder.0)
            .output()
            .unwrap();
        if output.status.code() == Some(3) {
            row.noticed += 1;
        } else {
            row.lost += 1;
            row.tell(|| {
                format!(
                    "idwallet wallet list: {:?} {}",
                    output.status,
                    String::from_utf8_lossy(&output.stderr)
                )
            });
        }
    }
    row.touched += u64::from(Files::read(&folder.0) != before);
    drop(held);
    row.touched += u64::from(open(&folder.0).is_err());
    row
}

/// A directory that its user may not write. As root, another user tries.
fn permissions(files: &Files) -> Row {
    use std::os::unix::fs::PermissionsExt as _;
    let fault = "no permission to write: refused, nothing changed";
    let folder = Folder::new();
    files.write(&folder.0);
    drop(open(&folder.0).unwrap());
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    let program = Folder::new();
    let own = program.0.join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &own).unwrap();
    std::fs::set_permissions(&program.0, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = if root {
        let given = Command::new("chown").args(["-R", "65534"]).arg(&folder.0).status();
        if !given.is_ok_and(|status| status.success()) {
            return Row::left_out(fault, "chown does not work here");
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--clear-groups"]).arg(own);
        command
    } else {
        Command::new(own)
    };
    let mut row = Row::new(fault);
    for (mode, of_files, expected) in [
        (0o500, 0o400, "read-only"),
        (0o500, 0o600, "open"),
        (0o700, 0o600, "open"),
    ] {
        let names: Vec<PathBuf> = std::fs::read_dir(&folder.0)
            .unwrap()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        for name in &names {
            std::fs::set_permissions(name, std::fs::Permissions::from_mode(of_files)).unwrap();
        }
        std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(mode)).unwrap();
        let before = Files::read(&folder.0);
        let said = command
            .args(["child-open"])
            .arg(&folder.0)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
        row.cases += 1;
        // A directory that may not be written and files that may: either answer will do.
        if said == expected || (mode == 0o500 && said == "read-only") {
            row.noticed += 1;
        } else {
            row.lost += 1;
            row.tell(|| format!("mode {mode:o}/{of_files:o}: said {said}"));
        }
        row.touched += u64::from(said != "open" && Files::read(&folder.0) != before);
        std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    row
}
