# Which XMPP server the scenarios run on: CROSSTALK_SERVER says, and nothing else.
import os

from .ejabberd import Ejabberd
from .prosody import Prosody

KINDS = {"prosody": Prosody, "ejabberd": Ejabberd}
Server = KINDS[os.environ.get("CROSSTALK_SERVER") or "prosody"]
