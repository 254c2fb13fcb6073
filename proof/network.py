"""A network file system: two machines with one store on GlusterFS, in namespaces of their own.

The server and both clients run beside each other in a network, mount and process namespace that goes with them. First
eight writers at both machines, then writers killed with -9, then machines that fall off the net in the middle of a
save: the lock they held goes with them, and the other machine finds the old or the new state and writes on.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from cli_kit import Home

from ballerup_cli.errors import BallerupError
from proof import hands, kills
from proof.calls import call, contents
from proof.readers import joined
from proof.tally import Ask, NotHereError, Tally

NEEDED = ("unshare", "ip", "mount", "umount", "glusterd", "gluster", "glusterfs")
HIDDEN = ("/var/lib/glusterd", "/var/log/glusterfs", "/run")
"""Folders of the machine that get an empty one over them, within the namespace."""
HOSTS = "127.0.0.1 localhost\n127.0.0.2 server\n"
CLIENT = (
    *("glusterfs", "--no-daemon", "--volfile-server=server", "--volfile-id=vol"),
    *("--entry-timeout=0", "--attribute-timeout=0", "--negative-timeout=0"),
)
CACHES = ("quick-read", "open-behind", "stat-prefetch", "io-cache", "read-ahead", "readdir-ahead", "write-behind")
"""What a client of GlusterFS keeps for a second, lock or no lock: with it on, two machines fork a store."""
PATIENCE = 20.0
"""Seconds until a server or client is surely up, and a lock surely free."""
SECONDS = 2
"""So many seconds of writing at once for each machine that falls off the net."""
CASE = "2026-0001"


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Let ``rounds`` machines fall off the net, kill as many writers twice, and write at once for twice the seconds."""
    missing = [program for program in NEEDED if not shutil.which(program)]
    if missing or os.geteuid() or not Path("/dev/fuse").exists():
        raise NotHereError(f"needs root, FUSE and {', '.join(missing or NEEDED)}")
    words = [sys.executable, "-m", "proof.network", *map(str, (ask.place, origin.path, ask.rounds, ask.seed))]
    ended = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *words],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    tally.expect(ended.returncode == 0, "the network", ended.returncode, ended.stderr[-2000:])
    if ended.returncode == 0:
        told = json.loads((ask.place / "tally.json").read_text())
        tally.counts.update(told["counts"])
        tally.broken += told["broken"]


@dataclass
class Machine:
    """One of those that share the store: a home, and the client through which it sees the folder."""

    home: Home
    client: subprocess.Popen[bytes] | None = None

    def mount(self) -> None:
        self.home.store.mkdir(exist_ok=True)
        self.client = subprocess.Popen([*CLIENT, str(self.home.store)])
        _until(lambda: self.home.store.is_mount())

    def falls(self) -> None:
        """Fall off the net at once: what it had not handed to the server is gone, and whatever it tries now fails."""
        assert self.client
        self.client.kill()
        self.client.wait()

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self.home.store], check=True)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it does not come up"
        time.sleep(0.05)


def _serve(place: Path) -> None:
    """Bring the network and the server up; nothing of it is seen outside the namespace."""
    (place / "hosts").write_text(HOSTS)
    (place / "brick").mkdir()
    for folder in HIDDEN:
        Path(folder).mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
    subprocess.run(["mount", "--bind", place / "hosts", "/etc/hosts"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["glusterd", "--pid-file", place / "glusterd.pid"], check=True)
    _until(lambda: _gluster("create", "vol", f"server:{place}/brick", "force"))
    for cache in CACHES:
        _gluster("set", "vol", f"performance.{cache}", "off")
    _gluster("start", "vol")


def _gluster(*words: str) -> bool:
    """Ask the server for something about volumes; tell whether it did it."""
    return (
        subprocess.run(["gluster", "--mode=script", "volume", *words], capture_output=True, check=False).returncode == 0
    )


def _machines(place: Path, origin: Home) -> list[Machine]:
    """Let two machines, each with a coordinator of its own, see one store, which the first one brings along."""
    one, two = Machine(origin.copied(place / "one", "store")), Machine(Home.make(place / "two"))
    one.mount()
    for file in origin.store.iterdir():
        shutil.copy(file, one.home.store)
    one.home.store.chmod(0o2770)
    two.mount()
    joined(one.home, two.home, two.home.store, "coordinator")
    return [one, two]


def _lose(rounds: int, dice: random.Random, tally: Tally, machines: Sequence[Machine]) -> None:
    """Let a machine fall off the net while it writes, and the other one look and write on."""
    for number in range(rounds):
        _lose_one(dice, tally, machines, number)


def _lose_one(dice: random.Random, tally: Tally, machines: Sequence[Machine], number: int) -> None:
    lost, other = dice.sample(machines, 2)
    before = contents(other.home)
    child = _writer(lost.home, number)
    time.sleep(dice.uniform(0, 0.3))
    lost.falls()
    code = _ended(child)
    lost.unmount()
    tally.count("machines lost")
    tally.count("lost at work" if code else "had saved")
    looked = call(other.home, "verify")
    tally.expect(looked.code == 0, "false alarm", number, looked)
    grown = contents(other.home)[f"cases/{CASE}"] - before[f"cases/{CASE}"]
    tally.expect(grown in ((0, 1) if code else (1,)), "lost or doubled", number, code, grown)
    noted = call(other.home, "note", CASE, "--from", "-", typed='{"text": "Ringede"}')
    tally.expect(noted.code == 0, "the other machine cannot write", number, noted)
    lost.mount()
    looked = call(lost.home, "verify")
    tally.expect(looked.code == 0, "false alarm of the machine that was lost", number, looked)


def _writer(home: Home, number: int) -> int:
    child = os.fork()
    if not child:
        try:
            os._exit(call(home, "note", CASE, "--from", "-", typed=json.dumps({"text": f"Set {number}"})).code)
        finally:
            os._exit(99)
    return child


def _ended(child: int) -> int:
    """Wait for a writer; one that hangs at a machine that is gone is killed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Play within the namespace; leave the tally beside the homes."""
    place, origin, ask, tally = Path(sys.argv[1]), Home(Path(sys.argv[2])), _asked(), Tally()
    _serve(place)
    machines = _machines(place, origin)
    homes = [machine.home for machine in machines]
    try:
        hands.play(replace(ask, rounds=SECONDS * ask.rounds), tally, homes)
        kills.play(ask.rounds, ask.dice("kills"), tally, homes)
        _lose(ask.rounds, ask.dice("machines"), tally, machines)
    except BallerupError as alarm:
        tally.broke("an alarm", alarm.exit_code, alarm, dict(tally.counts))
    for machine in machines:
        with suppress(OSError, subprocess.CalledProcessError):
            machine.falls()
            machine.unmount()
    (place / "tally.json").write_text(json.dumps({"counts": tally.counts, "broken": tally.broken}))


def _asked() -> Ask:
    return Ask(int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
