//! Real containers: runc, a busybox root file system built on the spot, and our hook.

use crate::cli::{run, text};
use crate::machine::find;
use crate::{Outcome, program};
use serde_json::{Value, json};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running container; deleted when dropped.
#[derive(Debug)]
pub struct Container {
    id: String,
    folder: PathBuf,
    runtime_root: PathBuf,
    started_in: Duration,
}

/// What differs from one container to the next.
#[derive(Clone, Debug, Default)]
pub struct ContainerOptions {
    /// The annotation `io.strongroom.service`.
    pub annotation: Option<String>,
    /// `STRONGROOM_SERVICE` in the process environment.
    pub environment: Option<String>,
    /// Whether the root file system is read-only.
    pub read_only: bool,
    /// Starts without our hook.
    pub without_hook: bool,
    /// The user that the process runs as.
    pub uid: u32,
    /// Mounts beside those that every container has, in the words of the OCI specification.
    pub mounts: Vec<Value>,
    /// Static programs that are put into its `/bin`.
    pub programs: Vec<PathBuf>,
}

impl ContainerOptions {
    /// A container of that service, as an engine with annotations starts it.
    #[must_use]
    pub fn of(service: &str) -> Self {
        Self {
            annotation: Some(service.to_owned()),
            ..Self::default()
        }
    }
}

impl Container {
    /// Starts a container that waits until it is deleted.
    ///
    /// # Errors
    /// What runc said where it refused.
    pub fn start(base: &Path, agent: &Path, options: ContainerOptions) -> Result<Self, Outcome> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("strongroom-test-{}-{number}", std::process::id());
        let folder = base.join(&id);
        build_root(&folder.join("rootfs"), &options.programs);
        let config = serde_json::to_vec_pretty(&config(agent, &options)).unwrap();
        std::fs::write(folder.join("config.json"), config).unwrap();
        let runtime_root = base.join("runc");
        let mut container = Self {
            id,
            folder,
            runtime_root,
            started_in: Duration::ZERO,
        };
        let mut command = container.runtime();
        // With --detach the container's process inherits our pipes; a file lets the runtime's end be seen.
        let log = container.folder.join("log");
        command.args(["--log", &text(&log), "run", "--detach"]);
        command.args(["--bundle", &text(&container.folder), &container.id]);
        let start = Instant::now();
        let outcome = detached(command, &container.folder.join("output"));
        container.started_in = start.elapsed();
        if outcome.code == 0 {
            Ok(container)
        } else {
            Err(outcome)
        }
    }

    /// The container's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How long the runtime took to start it, our hook included.
    #[must_use]
    pub fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Its root file system, as the host sees it.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.folder.join("rootfs")
    }

    /// Runs a command in the container, as `docker exec` does.
    #[must_use]
    pub fn exec(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.runtime();
        command.args(["exec", &self.id]).args(arguments);
        run(command, b"")
    }

    /// Runs a command in the container as another user.
    #[must_use]
    pub fn exec_as(&self, uid: u32, gid: u32, arguments: &[&str]) -> Outcome {
        let mut command = self.runtime();
        command
            .args(["exec", "--user", &format!("{uid}:{gid}"), &self.id])
            .args(arguments);
        run(command, b"")
    }

    /// Reads a file in the container.
    ///
    /// # Panics
    /// When the container cannot.
    #[must_use]
    pub fn read(&self, path: &str) -> Vec<u8> {
        let outcome = self.exec(&["cat", path]);
        assert_eq!(outcome.code, 0, "{path}: {}", outcome.stderr);
        outcome.stdout
    }

    /// The process id of the container's first process on the host.
    #[must_use]
    pub fn pid(&self) -> u32 {
        let mut command = self.runtime();
        command.args(["state", &self.id]);
        let state: Value = serde_json::from_slice(&run(command, b"").stdout).unwrap();
        u32::try_from(state["pid"].as_u64().unwrap()).unwrap()
    }

    /// Ends and deletes the container.
    pub fn delete(&self) {
        let mut command = self.runtime();
        command.args(["delete", "--force", &self.id]);
        run(command, b"");
    }

    fn runtime(&self) -> Command {
        let mut command = Command::new(find("runc").unwrap());
        command.args(["--root", &text(&self.runtime_root)]);
        command
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        self.delete();
    }
}

fn detached(mut command: Command, output: &Path) -> Outcome {
    let file = std::fs::File::create(output).unwrap();
    let status = command
        .stdin(std::process::Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .status()
        .unwrap();
    let stderr = String::from_utf8_lossy(&std::fs::read(output).unwrap()).into_owned();
    Outcome {
        code: status.code().unwrap_or(-1),
        stdout: Vec::new(),
        stderr,
    }
}

fn build_root(root: &Path, programs: &[PathBuf]) {
    for folder in ["bin", "dev", "etc", "proc", "run", "sys", "tmp"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    std::fs::copy(find("busybox").unwrap(), root.join("bin/busybox")).unwrap();
    for tool in [
        "cat", "dd", "id", "ls", "mount", "sh", "sleep", "stat", "touch", "umount",
    ] {
        symlink("busybox", root.join("bin").join(tool)).unwrap();
    }
    for program in programs {
        std::fs::copy(program, root.join("bin").join(program.file_name().unwrap())).unwrap();
    }
}

fn config(agent: &Path, options: &ContainerOptions) -> Value {
    let mut environment = vec!["PATH=/bin".to_owned()];
    environment.extend(
        options
            .environment
            .iter()
            .map(|name| format!("STRONGROOM_SERVICE={name}")),
    );
    let annotations: serde_json::Map<String, Value> = options
        .annotation
        .iter()
        .map(|name| ("io.strongroom.service".to_owned(), json!(name)))
        .collect();
    let hook = program("strongroom-agent");
    let hooks = json!({ "createRuntime": [{
        "path": hook,
        "args": ["strongroom-agent", "hook", "--agent", format!("unix://{}", agent.display())],
    }] });
    let mut mounts = vec![
        json!({ "destination": "/proc", "type": "proc", "source": "proc" }),
        json!({ "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                "options": ["nosuid", "mode=755", "size=65536k"] }),
    ];
    mounts.extend(options.mounts.iter().cloned());
    json!({
        "ociVersion": "1.0.2",
        "process": {
            "terminal": false,
            "user": { "uid": options.uid, "gid": 0 },
            "args": ["sleep", "1000000"],
            "env": environment,
            "cwd": "/",
            // As engines give it to root: without it the mode holds for root too.
            "capabilities": {
                "bounding": ["CAP_DAC_OVERRIDE"],
                "effective": ["CAP_DAC_OVERRIDE"],
                "permitted": ["CAP_DAC_OVERRIDE"],
            },
        },
        "root": { "path": "rootfs", "readonly": options.read_only },
        "hostname": "container",
        "annotations": annotations,
        "hooks": if options.without_hook { json!({}) } else { hooks },
        "mounts": mounts,
        "linux": {
            "namespaces": [
                { "type": "pid" }, { "type": "mount" }, { "type": "ipc" }, { "type": "uts" },
                { "type": "network" },
            ],
        },
    })
}
