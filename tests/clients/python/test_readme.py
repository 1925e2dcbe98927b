"""Runs the program that the README shows, and compares what it prints."""

import contextlib
import io
import os
import re
import subprocess
from pathlib import Path

README = Path(__file__).parents[3] / "README.md"


def test_the_program_of_the_readme_prints_what_the_readme_says():
    program = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)[1]
    shown = re.search(r"# prints:(.*)", program, re.DOTALL)[1].replace("#", " ")
    command = [os.environ["SWAS_EMULATOR_BIN"], "--listen", "127.0.0.1:0", "--log", "warn"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip().rpartition("/")[2]
        assert process.stdout.readline() == "Ready.\n"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(program.replace("127.0.0.1:8808", address), {})
        process.terminate()
    assert printed.getvalue().split() == shown.split()
