//! Keys stay in this process: no core dump has them, and no other process reads them.

use std::{
    io,
    path::{Path, PathBuf},
};

use rustix::process::{Resource, Rlimit, setrlimit};

/// Closes the memory of this process to core dumps and to other processes of the same user.
///
/// # Errors
/// Fails where the system does not let it; no key may be read then.
pub(super) fn close() -> io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    // A core that is piped to a program heeds no limit, but this.
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Swap on which pages of this process may lie in the clear; none where the system tells none.
pub(super) fn unencrypted_swap() -> Vec<PathBuf> {
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    in_the_clear(&swaps, Path::new("/sys/block"))
}

/// Those of the swaps that are neither in memory nor on a device that is encrypted. Of a file
/// nobody can tell on what it lies.
fn in_the_clear(swaps: &str, devices: &Path) -> Vec<PathBuf> {
    let swaps = swaps.lines().skip(1);
    let swaps = swaps.filter_map(|line| line.split_whitespace().next());
    let swaps = swaps.map(PathBuf::from);
    swaps
        .filter(|swap| {
            let real = swap.canonicalize().unwrap_or_else(|_| swap.clone());
            let name = real.file_name().unwrap_or_default();
            let device = devices.join(name);
            if name.to_string_lossy().starts_with("zram") {
                let beside = std::fs::read_to_string(device.join("backing_dev"));
                return beside.is_ok_and(|beside| beside.trim() != "none");
            }
            !is_encrypted(&device, 8)
        })
        .collect()
}

/// Whether a device is one of dm-crypt, or lies on such devices alone.
fn is_encrypted(device: &Path, deep: u8) -> bool {
    let uuid = std::fs::read_to_string(device.join("dm/uuid")).unwrap_or_default();
    if uuid.starts_with("CRYPT-") {
        return true;
    }
    let below = std::fs::read_dir(device.join("slaves"));
    let below: Vec<_> = below.into_iter().flatten().flatten().collect();
    let all = |deep| {
        let mut below = below.iter();
        below.all(|one| is_encrypted(&one.path(), deep))
    };
    !below.is_empty() && deep.checked_sub(1).is_some_and(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swap_that_is_not_encrypted_is_told() {
        let sys = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = sys.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("dm-0/dm/uuid", "CRYPT-LUKS2-0123-swap\n");
        write("dm-1/dm/uuid", "LVM-0123\n");
        write("dm-1/slaves/dm-0/dm/uuid", "CRYPT-LUKS2-0123-swap\n");
        write("dm-2/dm/uuid", "LVM-0456\n");
        write("dm-2/slaves/sda2/size", "1\n");
        write("zram0/backing_dev", "none\n");
        write("zram1/backing_dev", "/dev/sdb1\n");
        let head = "Filename\tType\tSize\tUsed\tPriority\n";
        let told = |name: &str| {
            let swaps = format!("{head}{name}  partition 8 0 -2\n");
            !in_the_clear(&swaps, sys.path()).is_empty()
        };
        for name in ["/dev/dm-0", "/dev/dm-1", "/dev/zram0"] {
            assert!(!told(name), "{name}");
        }
        for name in ["/dev/dm-2", "/dev/zram1", "/dev/sda5", "/swapfile"] {
            assert!(told(name), "{name}");
        }
        assert!(in_the_clear(head, sys.path()).is_empty());
        assert!(in_the_clear("", sys.path()).is_empty());
    }
}
