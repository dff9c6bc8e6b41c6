import subprocess
import sys


def test_other_commands_start_without_what_screening_needs() -> None:
    code = "import sys; from smpp_router import cli; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
