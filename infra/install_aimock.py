"""Install aimock, a model server with faults on demand: `python -m infra.install_aimock`. Needs Node.js 20."""

from infra.teams.install_playground import ROOT, install

RECIPE = ROOT / "tests" / "e2e" / "aimock"
FOLDER = ROOT / ".venv" / "aimock"
SERVER = FOLDER / "node_modules" / ".bin" / "llmock"

if __name__ == "__main__":
    print(install(RECIPE, FOLDER))
