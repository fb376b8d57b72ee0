"""The program in docs/sip-library.md, as a reader would run it."""

import os
import re
import subprocess
import sys

from support.mirror import ROOT
from tools.lib.bench_client import Phone, Registrar, settings

PAGE = (ROOT / "docs" / "sip-library.md").read_text()


def test_it_registers_and_is_busy(tmp_path):
    program = tmp_path / "busy.py"
    program.write_text(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1])
    with Registrar({"201": "secret", "202": "another"}) as registrar:
        environment = dict(os.environ, PYTHONPATH=str(ROOT / "firmware"), REGISTRAR=registrar.address)
        process = subprocess.Popen(
            [sys.executable, program], env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        try:
            registrar.wait("binding", user="201")
            with Phone("202", settings("202", "another", registrar.address)) as phone:
                phone.wait("line", state="registered")
                phone.do("hook", state="off")
                phone.keys("201#")
                assert phone.wait("call", state="ended")["reason"] == "Busy"
        finally:
            process.terminate()
            output, _ = process.communicate()
    assert "registration: registered" in output
    assert "call from sip:202@" in output
