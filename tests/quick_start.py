"""The installed program as processes of its own, forked from one that has read it already.

Most of a short command is the start of Python and of the program's imports; tests call thousands. What is forked has
its own memory, session, folder, environment and streams, as a process started anew has. How a real start goes is tried
by `test_startup`, `test_wheel`, and whatever calls `cli_kit.PROGRAM`.
"""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("ballerup")
_BUSY = threading.Lock()
_server: list[tuple[int, socket.socket, "subprocess.Popen[bytes]"]] = []


def run(words: Sequence[str], typed: bytes, environ: Mapping[str, str], folder: Path) -> tuple[int, bytes, bytes]:
    """Run these words, of which the first is the program; return its exit code, stdout and stderr.

    Another program than the one installed here, such as one that becomes another user first, is started anew.

    Raises:
        TimeoutError: it ran for longer than a minute, and was ended.
    """
    streams = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
    try:
        os.write(streams[0], typed) if typed else None
        os.lseek(streams[0], 0, os.SEEK_SET)
        code = _ended(words, environ, folder, streams)
        return code, _content(streams[1]), _content(streams[2])
    finally:
        for stream in streams:
            os.close(stream)


def _content(stream: int) -> bytes:
    return os.pread(stream, os.fstat(stream).st_size, 0)


def _ended(words: Sequence[str], environ: Mapping[str, str], folder: Path, streams: Sequence[int]) -> int:
    is_other = words[0] != str(PROGRAM) or environ.get("PYTHONPATH")
    if is_other or not _BUSY.acquire(blocking=False):  # several at a time
        stdin, stdout, stderr = streams
        return subprocess.run(
            words,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=dict(environ),
            cwd=folder,
            start_new_session=True,
            timeout=60,
            check=False,
        ).returncode
    try:
        talk = _started()
        request = json.dumps({"words": words[1:], "environ": dict(environ), "folder": str(folder)}).encode()
        socket.send_fds(talk, [request], streams)
        process = int(talk.recv(32))
        try:
            return int(talk.recv(32))
        except TimeoutError:
            os.kill(process, signal.SIGKILL)
            talk.recv(32)
            raise
    finally:
        _BUSY.release()


def _started() -> socket.socket:
    """Return the line to the process that forks; one a worker, which ends with it."""
    if not _server or _server[0][0] != os.getpid():
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        program = [sys.executable, __file__, str(theirs.fileno())]
        server = subprocess.Popen(program, pass_fds=[theirs.fileno()], env=environ)
        theirs.close()
        ours.settimeout(60)
        _server[:] = [(os.getpid(), ours, server)]
        atexit.register(_stop, os.getpid())
    return _server[0][1]


def _stop(starter: int) -> None:
    if _server and _server[0][0] == starter == os.getpid():
        _pid, talk, server = _server.pop()
        talk.close()
        server.wait()


def _serve(talk: socket.socket) -> None:
    """Fork once a request, and say how it ended; until nobody is there to ask."""
    while True:
        request, streams, _flags, _address = socket.recv_fds(talk, 1 << 20, 3)
        if not request:
            return
        process = os.fork()
        if not process:
            talk.close()
            _become(json.loads(request), streams)
        for stream in streams:
            os.close(stream)
        talk.send(b"%d" % process)
        talk.send(b"%d" % os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))


def _become(request: Mapping[str, object], streams: Sequence[int]) -> None:
    from ballerup_cli.__main__ import run as program

    code = 1
    try:
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(request["environ"])  # type: ignore[call-overload]
        os.chdir(str(request["folder"]))
        time.tzset()
        sys.argv = ["ballerup", *request["words"]]  # type: ignore[misc]
        program()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


if __name__ == "__main__":
    import gc

    import holidays  # noqa: F401
    import jinja2  # noqa: F401
    import jsonschema  # noqa: F401
    import markdown_it  # noqa: F401
    import ruamel.yaml  # noqa: F401
    import tabulate  # noqa: F401

    from ballerup_cli.cli.main import main

    assert main.commands  # all of them read
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
