"""The doctor: what about this machine, this user's keys and the store could leak a record or lose it.

What the machine is like is told by the caller; whether the records are as they were written is ``audit``'s to say.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from pathlib import Path

from ballerup_cli.core.network.network import due_on_network
from ballerup_cli.core.periods import add
from ballerup_cli.errors import N_, NoPostQuantumError
from ballerup_cli.services.keys.membership import DRILL
from ballerup_cli.services.store import lookups
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.identity import Places, is_wrapped
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.services.upkeep.backup import known_copies, set_aside
from ballerup_cli.storage.crypto.age import HybridIdentity
from ballerup_cli.values import value

WATCH = "watch"

_SKEW = timedelta(minutes=5)
_COPY_AGE = timedelta(days=7)
_PROOFS = ("restore-proof", "log-sample")
_ENCRYPTED_SWAP = ("/dev/dm-", "/dev/mapper/", "/dev/zram")  # a mapped device may be encrypted; zram lies in memory


@value
class Machine:
    """What the machine says of itself: ``umask`` is the shell's, ``swaps`` the table of the kernel."""

    home: Path | None
    umask: int | None
    memory: Path | None
    swaps: str
    core: int
    """The limit on core dumps: 0 and 1 leave no file, but a program that takes dumps honours 1 only (core(5))."""
    core_pattern: str


@value
class Ill:
    """One thing that is not well: what was looked at, what is wrong with it, and what mends it."""

    check: str
    message: str
    remedy: str
    place: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


def examine_machine(machine: Machine) -> Iterator[Ill]:
    """Give what the machine could leak, and whether it can seal at all."""
    try:
        HybridIdentity.generate().recipient  # noqa: B018  (making it is what may fail)
    except NoPostQuantumError as lack:
        yield Ill(
            check="post-quantum",
            message=lack.message,
            remedy=N_("install 'cryptography' 48 or later from its own wheels, not one built on an older OpenSSL"),
        )
    if machine.memory is None:
        yield Ill(
            check="memory",
            message=N_("no folder in memory: a form would be opened on a disk"),
            remedy=N_("mount a tmpfs on /dev/shm"),
        )
    for device in _open_swaps(machine.swaps):
        yield Ill(
            check="swap",
            place=device,
            message=N_("what is in memory may be written to this swap in plain text"),
            remedy=N_("encrypt the swap, or turn it off: swapoff {place}"),
        )
    if machine.core not in (0, 1) or (machine.core == 0 and machine.core_pattern.startswith("|")):
        yield Ill(
            check="core-dumps",
            message=N_("a crash may leave the memory of the program on the disk"),
            remedy=N_("ulimit -Hc 1"),
        )
    if machine.umask is not None and not machine.umask & stat.S_IROTH:
        yield Ill(
            check="umask",
            message=N_("what the shell saves of the output is open to everybody on this machine"),
            remedy=N_("umask 077"),
        )


def _open_swaps(table: str) -> list[str]:
    devices = [line.split()[0] for line in table.splitlines()[1:] if line.strip()]
    return [device for device in devices if not device.startswith(_ENCRYPTED_SWAP)]


def examine_files(places: Places) -> Iterator[Ill]:
    """Give the files and folders of this user that others can read or write."""
    for path in (places.config, places.configuration, places.identity, *sorted(places.state.glob("*"))):
        if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Ill(
                check="permissions",
                place=str(path),
                message=N_("open to others on this machine"),
                remedy=N_("chmod go-rwx {place}"),
            )


def examine_store(workspace: Workspace, places: Places, machine: Machine, moment: Moment) -> Iterator[Ill]:
    """Give what is not well with an open store: its keys, its clock, its copies and its proofs.

    Raises:
        BallerupError: the store cannot be read.
    """
    yield from _clock(workspace, moment)
    if workspace.store.me.role == WATCH:
        return  # its key lies open for cron, opens no record, and keeps no copies
    yield from _keys(workspace, places, machine)
    yield from _leaks(workspace, places)
    yield from _log(workspace, moment)
    yield from _copies(workspace, places, moment)
    yield from _replaced(workspace)
    yield from _proofs(workspace, moment)


def _clock(workspace: Workspace, moment: Moment) -> Iterator[Ill]:
    written = workspace.store.register.at
    if datetime.fromisoformat(written) > datetime.fromisoformat(moment.at) + _SKEW:
        yield Ill(
            check="clock",
            message=N_("the store was last written at {at}, which is still to come here"),
            remedy=N_("set the clock of this machine, or of the one that wrote"),
            facts={"at": written},
        )


def _keys(workspace: Workspace, places: Places, machine: Machine) -> Iterator[Ill]:
    if not is_wrapped(places.identity):
        yield Ill(
            check="passphrase",
            place=str(places.identity),
            message=N_("whoever copies this file can open every record"),
            remedy=N_("ballerup keys passphrase"),
        )
    common = Path(os.path.commonpath([places.config.absolute(), workspace.store.folder.path.absolute()]))
    if machine.home and common.is_relative_to(machine.home.absolute()):
        yield Ill(
            check="one-root",
            place=str(common),
            message=N_("keys and records lie under one folder: a backup of it holds both"),
            remedy=N_("move the store out of it, and back them up apart"),
        )
    if not any(member.role == WATCH for member in workspace.store.roster.current()):
        yield Ill(
            check="watch",
            message=N_("no key watches the deadlines, so cron tells nobody"),
            remedy=N_("ballerup cron setup"),
        )


def _leaks(workspace: Workspace, places: Places) -> Iterator[Ill]:
    """Give the copies that a leaked key opens, and members who came back with such a key by a restored copy."""
    leaked = workspace.store.register.leaked
    for made in known_copies(places, workspace.store.pin):
        if made.number < max(leaked.values(), default=0):
            yield Ill(
                check="leaked-copy",
                place=made.path,
                message=N_("a key that leaked opens this copy (register {number})"),
                remedy=N_("make it anew or destroy it: ballerup backup {place}"),
                facts={"number": made.number},
            )
    for member in workspace.store.roster.current():
        if member.signing in leaked:
            yield Ill(
                check="leaked-key",
                place=member.name,
                message=N_("this member's present key leaked, and opens the store again"),
                remedy=N_("ballerup members remove {place}"),
            )


def _log(workspace: Workspace, moment: Moment) -> Iterator[Ill]:
    if months := lookups.outlived(workspace, moment):
        yield Ill(
            check="log",
            message=N_("the log of {months} is kept longer than the settings say"),
            remedy=N_("ballerup log expire"),
            facts={"months": months},
        )


def _replaced(workspace: Workspace) -> Iterator[Ill]:
    for path in set_aside(workspace):
        yield Ill(
            check="replaced",
            place=path,
            message=N_("what a restore replaced is still kept here, at most thirty days"),
            remedy=N_("look whether anything in it is missed, then delete the folder"),
        )


def _copies(workspace: Workspace, places: Places, moment: Moment) -> Iterator[Ill]:
    last = max((made.at for made in known_copies(places, workspace.store.pin)), default=None)
    if last is None:
        yield Ill(
            check="backup",
            message=N_("this user has made no backup with this program"),
            remedy=N_("ballerup backup DIR"),
        )
    elif datetime.fromisoformat(last) + _COPY_AGE < datetime.fromisoformat(moment.at):
        yield Ill(
            check="backup",
            message=N_("the newest backup of this user holds the store as of {day}"),
            remedy=N_("ballerup backup DIR"),
            facts={"day": last[:10]},
        )


def _proofs(workspace: Workspace, moment: Moment) -> Iterator[Ill]:
    """Give the proofs that are too old; the recovery key's is wanted as often as the restore's."""
    calendar, today = Calendar(workspace.settings), moment.today.isoformat()
    due = {item.clock: item.due for item in due_on_network(workspace.network, workspace.settings, calendar)}
    drill = add(workspace.network.proved(DRILL), workspace.settings["clocks"]["restore-proof"], calendar)
    remedies = {
        "restore-proof": N_("ballerup restore --prove COPY"),
        "log-sample": N_("ballerup log sample --sign"),
        DRILL: N_("ballerup keys drill --recovery-file FILE"),
    }
    for what, day in {**{name: due[name] for name in _PROOFS}, DRILL: drill}.items():
        if day < today:
            message = N_("was to be tried by {day}")
            yield Ill(check=what, message=message, remedy=remedies[what], facts={"day": day})
