"""The error a person can act on."""


class UserError(Exception):
    """Something in the input or the parameters that the user can mend.

    The message is one sentence: where (file, sheet, row, column or key), what was
    found, what is allowed. The command line prints it without a traceback and
    exits with status 2.
    """
