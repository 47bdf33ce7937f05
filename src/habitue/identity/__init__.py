"""Who is who: identifiers, links between records as stored facts, and the persons they make."""

from habitue.identity.edges import Edges, Facts
from habitue.identity.evaluate import Evaluation, Method, NotMatchedError, evaluate, judge
from habitue.identity.households import Groups, accounts, households
from habitue.identity.index import LiveIndex, Resolution
from habitue.identity.ledger import (
    Moved,
    PersonNotFoundError,
    digest,
    made_of,
    members,
    moved_since,
    person_of,
    persons_of,
)
from habitue.identity.linking import Carried, Known, Linked, link_records, what_keeps_apart
from habitue.identity.links import DECISION, IDENTITY_FILE, MATCHED, LinkFact, Links, LinkState, RecordUnknownError
from habitue.identity.merging import (
    AlreadyOneError,
    DecisionUnknownError,
    Desk,
    MergeRefusedError,
    NotMergedError,
    Question,
    answer,
    merge,
    part,
    review,
    take_back,
    unmerge,
)
from habitue.identity.model import MatchModel, ModelDamagedError
from habitue.identity.preparing import RecordColumnError
from habitue.identity.rules import DEFAULT_RULES, Guards, IdentityRules, Matching, Namespace, TraitRule, read_rules
from habitue.identity.settling import Change, Outcome, settle
from habitue.identity.spec import IdentitySpec
from habitue.identity.survivorship import surviving

__all__ = [
    "DECISION",
    "DEFAULT_RULES",
    "IDENTITY_FILE",
    "MATCHED",
    "AlreadyOneError",
    "Carried",
    "Change",
    "DecisionUnknownError",
    "Desk",
    "Edges",
    "Evaluation",
    "Facts",
    "Groups",
    "Guards",
    "IdentityRules",
    "IdentitySpec",
    "Known",
    "LinkFact",
    "LinkState",
    "Linked",
    "Links",
    "LiveIndex",
    "MatchModel",
    "Matching",
    "MergeRefusedError",
    "Method",
    "ModelDamagedError",
    "Moved",
    "Namespace",
    "NotMatchedError",
    "NotMergedError",
    "Outcome",
    "PersonNotFoundError",
    "Question",
    "RecordColumnError",
    "RecordUnknownError",
    "Resolution",
    "TraitRule",
    "accounts",
    "answer",
    "digest",
    "evaluate",
    "households",
    "judge",
    "link_records",
    "made_of",
    "members",
    "merge",
    "moved_since",
    "part",
    "person_of",
    "persons_of",
    "read_rules",
    "review",
    "settle",
    "surviving",
    "take_back",
    "unmerge",
    "what_keeps_apart",
]
