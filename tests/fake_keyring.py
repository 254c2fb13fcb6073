"""A keyring of the system for the tests: it keeps what it is given in a file that the environment names."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Keyring(KeyringBackend):
    """One that may be shut."""

    priority = 1

    @property
    def _file(self) -> Path:
        return Path(os.environ["FAKE_KEYRING"])

    def _read(self) -> dict[str, str]:
        if self._file.with_name("shut").exists():
            raise KeyringLocked
        return json.loads(self._file.read_text()) if self._file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps(self._read() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        told = self._read()
        if told.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError
        self._file.write_text(json.dumps(told))
