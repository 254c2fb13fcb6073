"""Every expected failure: one class with a message, an exit code and a hint; and findings, which are values.

Messages are English templates; the command line translates and fills them. Facts are codes, numbers, names of fields
and files only: a word of a record never belongs here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import ClassVar

from ballerup_cli.values import value


def N_(text: str) -> str:  # noqa: N802  (the catalogue tools' usual name)
    """Mark ``text`` for the language catalogues and return it unchanged."""
    return text


@value
class Finding:
    """One thing that is wrong at one place of a record or form; ``facts`` never hold a value of the record.

    ``document`` counts the forms of a stream from 1.
    """

    message: str
    path: tuple[str | int, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)
    line: int | None = None
    column: int | None = None
    document: int | None = None


class BallerupError(Exception):
    """An expected failure. ``message`` is a template filled with ``facts``; what to type next is said by ``cli``."""

    exit_code: ClassVar[int] = 1
    message: ClassVar[str] = N_("something unexpected happened")

    def __init__(self, **facts: object) -> None:
        super().__init__(facts)
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        """Let the error travel from one process to another."""
        return _again, (type(self), self.facts)

    def __str__(self) -> str:
        return self.message.format(**self.facts)


def _again(kind: type[BallerupError], facts: dict[str, object]) -> BallerupError:
    return kind(**facts)


# --- 1: the installation ----------------------------------------------------------------------------------------------


class NoPostQuantumError(BallerupError):
    """The linked OpenSSL has no ML-KEM: nothing is sealed with less."""

    message = N_("this installation has no post-quantum encryption (ML-KEM), and nothing less is used")


# --- 2: usage ---------------------------------------------------------------------------------------------------------


class AlreadyThereError(BallerupError):
    """``init`` or ``demo`` would overwrite an identity, a configuration, a store or an anchor."""

    exit_code = 2
    message = N_("already there, and never overwritten: {path}")


class FileThereError(AlreadyThereError):
    """A document would overwrite a file."""


class KeyInStoreError(BallerupError):
    """A key would lie in the folder of the records it opens."""

    exit_code = 2
    message = N_("{path}: a key must not lie in the store it opens")


class ManyCasesError(BallerupError):
    """A command would change several existing cases, and nobody has agreed to that."""

    exit_code = 2
    message = N_("this changes {count} existing cases; nothing was written")


class NoTypesetterError(BallerupError):
    """The library that sets documents as PDF is not installed."""

    exit_code = 2
    message = N_("no PDF can be made: typst is not installed")


class NoWordProcessorError(BallerupError):
    """The library that writes documents as DOCX is not installed."""

    exit_code = 2
    message = N_("no DOCX can be made: python-docx is not installed")


class NoChartsError(BallerupError):
    """The library that draws charts is not installed."""

    exit_code = 2
    message = N_("no charts can be drawn: vl-convert is not installed")


class NoWorkbookError(BallerupError):
    """The library that writes spreadsheets is not installed."""

    exit_code = 2
    message = N_("no spreadsheet can be written: openpyxl is not installed")


class NoParquetError(BallerupError):
    """The library that writes Parquet files is not installed."""

    exit_code = 2
    message = N_("no Parquet file can be written: pyarrow is not installed")


class NoPaperError(BallerupError):
    """The libraries that draw QR codes and split keys are not installed."""

    exit_code = 2
    message = N_("the libraries for the recovery key on paper are not installed")


class NoKeyringError(BallerupError):
    """There is no system keyring that keeps secrets, or it refuses."""

    exit_code = 2
    message = N_("there is no keyring of the system that can be used")


class NothingToKeepError(BallerupError):
    """A passphrase is to be kept, and the identity has none."""

    exit_code = 2
    message = N_("{file}: this identity has no passphrase to keep")


class NotAgreedError(BallerupError):
    """A command that cannot be undone, and nobody has agreed to it."""

    exit_code = 2
    message = N_("this cannot be undone; nothing was changed")


class BadCardError(BallerupError):
    """What should be a card or a join code cannot be read as one."""

    exit_code = 2
    message = N_("this is no card of a new member, and no code to join with")


class NameTakenError(BallerupError):
    """There is a member of that name, or there is none, where it has to be the other way."""

    exit_code = 2
    message = N_("this cannot be done with that name; nothing was changed")


class WholeMonthsError(BallerupError):
    """A report over part of a month in which cases are erased: of them only the month is known."""

    exit_code = 2
    message = N_("cases of {months} are erased, so only whole months can be asked for")


class NotAlignedError(BallerupError):
    """Published periods are calendar periods, so that what lies between two of them can be foreseen."""

    exit_code = 2
    message = N_("only a calendar month, quarter, half-year, year or whole years can be published")


class NoReportError(BallerupError):
    """Only controlled reports are added up, as this program writes them."""

    exit_code = 2
    message = N_("{path}: no controlled report")


class CountedTwiceError(BallerupError):
    """Two reports of one municipality that share days would count the same concerns twice."""

    exit_code = 2
    message = N_("two reports from {municipality} share days")


class NotAllCountedError(BallerupError):
    """What is published once for all counts every case."""

    exit_code = 30
    message = N_("cases are shielded from you, so a report of yours would not count all: {count}")


class ErasedSinceError(BallerupError):
    """A report as of a day before an erasure: what was known of those cases then is gone."""

    exit_code = 2
    message = N_("cases of {months} were erased since, and what was known of them on {day} is gone")


class HealthyCaseError(BallerupError):
    """A case that is as it was written needs no copy, and would only lose by one."""

    exit_code = 2
    message = N_("{case}: as it was written; nothing needs to be brought back")


class BadCopyError(BallerupError):
    """A copy that is not whole is not brought back."""

    exit_code = 31
    message = N_("{path}: this copy is not as it was written, in {count} places; nothing was changed")


class NoFormError(BallerupError):
    """There is no form to read and no terminal to open one on."""

    exit_code = 2
    message = N_("no form given, and no terminal to open one on")


class NoDraftError(BallerupError):
    """There is no draft of this number, or it holds something else."""

    exit_code = 10
    message = N_("there is no draft {number}")


class NoTerminalError(BallerupError):
    """A question has no terminal to be asked on."""

    exit_code = 2
    message = N_("there is no terminal to ask on")


class NoEditorError(BallerupError):
    """The program named in VISUAL or EDITOR cannot be started."""

    exit_code = 2
    message = N_("{editor}: this editor cannot be started")


# --- 10-19: the request -----------------------------------------------------------------------------------------------


class UnknownCaseError(BallerupError):
    """No case has this number, or it is erased."""

    exit_code = 10
    message = N_("no such case: {case}")


class UnknownMeetingError(BallerupError):
    """No meeting of the core group has this number."""

    exit_code = 10
    message = N_("no such meeting: {number}")


class UnknownRequestError(BallerupError):
    """There is no request of that number."""

    exit_code = 10
    message = N_("no request {request}")


class UnknownEntryError(BallerupError):
    """The case has no entry that this document could be made from."""

    exit_code = 10
    message = N_("{case}: no entry that this document is about")


class IllegalStepError(BallerupError):
    """The case's state does not allow this step."""

    exit_code = 11
    message = N_("{case}: {step} is not possible while the case is {state}")


class RestrictedError(IllegalStepError):
    """The case may only be kept for the time being, and this step would work on it."""

    message = N_("{case}: {step} is not possible while the case is restricted")


class RequestAnsweredError(IllegalStepError):
    """The request was answered already."""

    message = N_("{request}: is answered already")


class OpenRequestError(IllegalStepError):
    """Somebody's request about the case waits for its answer; until then nothing of it may go."""

    message = N_("{case}: not to be erased while a request waits for its answer: {requests}")


class LetterUnfitError(IllegalStepError):
    """A letter that would not be true of the case as it stands."""

    message = N_("{case}: {paper} does not fit this case: {reason}")


class LetterLacksError(BallerupError):
    """A letter that would lack what it must say; ``missing`` names the settings or fields."""

    exit_code = 12
    message = N_("{case}: {paper} cannot leave without {missing}")


class WrongGateError(IllegalStepError):
    """A triage form is for another gate than the case's next one."""

    message = N_("{case}: the gate {gate} is not the next one while the case is {state}")


class InvalidFormError(BallerupError):
    """A form cannot be read or breaks a rule; ``findings`` hold the places."""

    exit_code = 12
    message = N_("the form is not valid; findings: {count}")

    def __init__(self, *, findings: Sequence[Finding], step: str = "", source: str = "") -> None:
        super().__init__(count=len(findings), step=step, source=source)
        self.findings = tuple(findings)


class BadSpreadsheetError(BallerupError):
    """A file that is no spreadsheet, is damaged, or is larger than what is read."""

    exit_code = 12
    message = N_("{file}: cannot be read as a spreadsheet ({reason})")


class BadTemplateError(BallerupError):
    """A template of the store's own that cannot be filled in; ``what`` is what it asks for in vain."""

    exit_code = 12
    message = N_("template '{name}', line {line}: {reason}")


class FormLeftError(BallerupError):
    """The form was closed unchanged, emptied or broken off; nothing was written, and its text is kept."""

    exit_code = 130
    message = N_("the form was left; nothing is written")


# --- 20-29: the record, authenticated text only -----------------------------------------------------------------------


class MalformedRecordError(BallerupError):
    """Signed text that is not what our writer writes."""

    exit_code = 20
    message = N_("{file}: the signed text cannot be read (entry {entry})")


class RecordBreaksSchemaError(BallerupError):
    """A signed entry that its schema or the case flow does not allow."""

    exit_code = 21
    message = N_("{file}: entry {entry} breaks a rule")


class NewerFormatError(BallerupError):
    """Written by a later version of the program."""

    exit_code = 22
    message = N_("{file}: written in a newer format than this program reads")


class OlderFormatError(NewerFormatError):
    """Written by 0.1.0, before its release: nothing of what entries meant then is carried along."""

    message = N_("{file}: made by ballerup 0.1.0, before its release; this version reads format 2 and later")


# --- 30-39: keys and tampering ----------------------------------------------------------------------------------------


class WrongKeyError(BallerupError):
    """No recipient of the file fits the key at hand, the passphrase is wrong, or there is no key."""

    exit_code = 30
    message = N_("{file}: this key does not open the file")


class ShieldedError(WrongKeyError):
    """A case that only few members open, and this key's owner is none of them."""

    message = N_("{file}: shielded; this key is not among those that open it")


class WrongPassphraseError(WrongKeyError):
    """The passphrase of the identity file is another one."""

    message = N_("{file}: the passphrase does not fit")


class PassphraseWantedError(BallerupError):
    """The identity is wrapped with a passphrase, and there is nobody and no file to give it."""

    exit_code = 30
    message = N_("the identity is protected by a passphrase, and there is no terminal to ask for it")


class NoIdentityError(BallerupError):
    """The identity file is missing or is none."""

    exit_code = 30
    message = N_("{file}: no identity there")


class BadPartsError(BallerupError):
    """What should be parts of a recovery key does not make one up."""

    exit_code = 30
    message = N_("these parts do not make up a key")


class ReadOnlyKeyError(BallerupError):
    """The key's owner may read records but not write these."""

    exit_code = 30
    message = N_("this key may read the store, but not write to it")


class DamagedFileError(BallerupError):
    """Anything that fails before a signature is checked, or a signature that does not hold."""

    exit_code = 31
    message = N_("{file}: damaged or forged ({reason})")


class ContainerError(DamagedFileError):
    """A sealed file that is not what was sealed; the container does not know the file's name."""

    reason: ClassVar[str]

    def __init__(self, *, file: str = "data") -> None:
        super().__init__(file=file, reason=self.reason)


class HeaderError(ContainerError):
    """The header is not one that a writer writes."""

    reason = N_("the header cannot be read")


class MacError(ContainerError):
    """The header is not the one that was written with this file."""

    reason = N_("the header was changed")


class PayloadError(ContainerError):
    """The sealed content was changed, cut off or added to."""

    reason = N_("the content was changed")


class UnknownFileError(BallerupError):
    """A sealed file that the register does not name."""

    exit_code = 31
    message = N_("{file}: the register knows no such file; it is copied, forged or brought back")


class RollbackError(BallerupError):
    """The store is older than what this user has already seen."""

    exit_code = 32
    message = N_("the store has been rolled back: register {number}, but {anchored} was seen here")


class OldRevisionError(BallerupError):
    """One file is an earlier revision of itself."""

    exit_code = 32
    message = N_("{file}: one revision behind what the register says")


class CopyNotWritableError(BallerupError):
    """The folder is a copy of the configured store; writing to it would make a second history."""

    exit_code = 32
    message = N_("{path}: a copy of the configured store, which can be read but not written")


class ForkError(BallerupError):
    """Two histories of the same store exist."""

    exit_code = 32
    message = N_("the store has forked at register {number}: not the history that was seen here")


class WentBackError(ForkError):
    """Somebody took an older register as the newest: what was seen here since may be lost."""

    message = N_("{by} went back to register {taken} on {at}, and gave up register {given_up}")


class JumpError(ForkError):
    """A register whose number is far ahead of what was seen: the numbers would come to their end."""

    message = N_("register {number} is far ahead of what was seen here; {by} signed it")


class NoAnchorError(BallerupError):
    """A configured store whose anchor is gone: freshness cannot be judged."""

    exit_code = 32
    message = N_("nothing here remembers this store, so an old copy could not be told from the newest")


class OtherStoreError(BallerupError):
    """The folder holds a store with another identity than the configured one."""

    exit_code = 32
    message = N_("{path}: this is not the store that is configured here")


class MissingFileError(BallerupError):
    """A file that the register names, or the register itself, is not there."""

    exit_code = 33
    message = N_("{file}: missing")


# --- 40-49: the disk --------------------------------------------------------------------------------------------------


class NoStoreError(BallerupError):
    """The folder of the store does not exist."""

    exit_code = 40
    message = N_("no store at {path}")


class NotConfiguredError(BallerupError):
    """This user has no configuration yet."""

    exit_code = 40
    message = N_("no store is configured here")


class StoreAwayError(NoStoreError):
    """The configured store is not where it was: its disk or share is not mounted, or it was moved."""

    message = N_("the store is not at {path}: is its disk or network drive mounted?")


class NoHomeError(BallerupError):
    """This user has no home folder, and the environment does not say where the folders of the program are."""

    exit_code = 40
    message = N_("this user has no home folder, and no folder is named by {names}")


class NoLocksError(BallerupError):
    """The file system of the store cannot lock files: two who write at once would lose each other's work."""

    exit_code = 43
    message = N_("the file system of {path} cannot lock files, so nothing is written there; reading goes on")


class StoreLockedError(BallerupError):
    """Another process writes to the store."""

    exit_code = 41
    message = N_("another command is writing to the store")


class MovedOnError(StoreLockedError):
    """Somebody wrote the same between this command's look at the store and its turn to write."""

    message = N_("somebody else has just written the same; nothing was written")


class BadConfigurationError(BallerupError):
    """The configuration file is there and cannot be understood."""

    exit_code = 40
    message = N_("{file}: the configuration cannot be understood")


class UnsafePermissionsError(BallerupError):
    """Others on the machine may read or write what they must not."""

    exit_code = 42
    message = N_("{path}: open to everybody on this machine")


class NoMemoryFolderError(BallerupError):
    """No folder in memory for the form: it would be written to a disk in plain text."""

    exit_code = 42
    message = N_("no folder in memory to open the form in; on a disk it could be found later")


class NoMemoryForKeyError(NoMemoryFolderError):
    """No folder in memory for an opened key: it would lie on a disk in plain text."""

    message = N_("no folder in memory to keep the key in; on a disk it could be found later")


class CannotReadError(BallerupError):
    """A file is there and cannot be read."""

    exit_code = 43
    message = N_("{path}: cannot be read ({reason})")


class DiskError(BallerupError):
    """The disk is full, read-only or failing."""

    exit_code = 43
    message = N_("{path}: cannot be written ({reason}); nothing was changed")


class SaveUnsureError(BallerupError):
    """The disk failed at or after the commit: the old or the new state stands, never a mixture."""

    exit_code = 43
    message = N_("{path}: the disk failed while saving ({reason}); the change may or may not stand")


class SystemFailedError(BallerupError):
    """The system refused something that it seldom refuses; what stood before the last save, or after it, stands."""

    exit_code = 43
    message = N_("the system failed ({reason})")


class OutputError(BallerupError):
    """The result could not be printed; what the command did before stands."""

    exit_code = 43
    message = N_("the output cannot be written ({reason}); what was saved stands")
