"""What can go wrong with the set-up; bad data is never an exception but a row with a reason.

    DecantError
    +-- UsageError      the command or its arguments are wrong           exit 2
    +-- SettingsError   the configuration is wrong                       exit 2
    +-- StoreError      CLEAN cannot be opened, locked, read or written  exit 2
    +-- ClusterError    the Dask cluster cannot be used, or was lost     exit 2

Every message says what happened, where, and what to do now.
"""


class DecantError(Exception):
    """Something a person has to put right. The message is a sentence for them."""


class UsageError(DecantError):
    """The command was given arguments that cannot be used."""


class SettingsError(DecantError):
    """The configuration has an unknown key or a value of the wrong kind."""


class ClusterError(DecantError):
    """The Dask cluster cannot be reached, does not see what it should, or was lost."""


class StoreError(DecantError):
    """CLEAN is no corpus, is in use, or cannot be read or written."""
