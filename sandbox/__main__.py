"""Entry point of ``python3 -m sandbox``: refuse a wrong Python, then hand over.

Must not use syntax or imports that an older Python lacks: this file is what
such a Python reads before it can be told that it is too old.
"""
import sys

OLDEST = (3, 10)
NEWEST = (3, 13)


def main():
    """Check the interpreter and run the command line.

    :returns: the exit status
    """
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.stderr.write(
            "sandbox: Odoo 19 needs Python 3.10 to 3.13, and this is Python %d.%d"
            " (%s); run the command with another interpreter.\n"
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
        return 2
    from sandbox import cli  # noqa: PLC0415  (only after the check above)

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
