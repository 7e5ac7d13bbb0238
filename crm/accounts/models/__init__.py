from .attempts import SignInAttempts
from .invitations import Invitation
from .people import User
from .sessions import Session

__all__ = ["Invitation", "Session", "SignInAttempts", "User"]
