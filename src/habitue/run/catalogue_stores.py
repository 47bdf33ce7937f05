"""The tables that Habitue itself keeps, whatever a project declares, as the catalogue of personal data has them."""

from typing import Final

from habitue.govern.catalogue import Category, Store, TableDeclaration, declare

STORES: Final[tuple[TableDeclaration, ...]] = (
    # --- the vault ------------------------------------------------------------------------------------------------
    declare(Store.VAULT, "facts", "name:technical value:key", label="A data key under the master key"),
    declare(
        Store.VAULT,
        "records",
        "record:internal_id name:pseudonym wrapped:key made_us:technical",
        key="record",
        category=Category.KEY,
        label="A record with its key, sealed under the master key",
    ),
    declare(
        Store.VAULT,
        "names",
        "name:pseudonym record:internal_id",
        key="record",
        category=Category.PSEUDONYM,
        label="The keyed name of a record's own identifier",
    ),
    declare(
        Store.VAULT,
        "carried",
        "name:pseudonym record:internal_id namespace:technical",
        key="record",
        category=Category.PSEUDONYM,
        label="The keyed name of a further identifier that a record carries",
    ),
    declare(
        Store.VAULT,
        "cards",
        "record:internal_id source:technical sealed:sealed!",
        key="record",
        category=Category.SEALED,
        label="What a source says of a record, sealed under its key",
    ),
    declare(Store.VAULT, "namespaces", "number:technical name:technical", label="A kind of identifier"),
    declare(Store.VAULT, "sources", "number:technical name:technical", label="A source of cards"),
    declare(
        Store.VAULT, "graves", "grave:pseudonym erased_us:technical", label="The keyed trace of an erased identifier"
    ),
    # --- control --------------------------------------------------------------------------------------------------
    declare(
        Store.CONTROL,
        "loads",
        "id:technical source:technical file:technical sha256:technical size:technical rows_read:technical "
        "rows_used:technical rows_failed:technical mapping_digest:technical loaded_us:technical "
        "first_position:technical last_position:technical",
        label="A file that was taken in",
    ),
    declare(
        Store.CONTROL,
        "failed_files",
        "id:technical source:technical sha256:technical file:technical",
        label="A file with rows that failed",
    ),
    declare(
        Store.CONTROL,
        "failed_rows",
        "id:technical file_id:technical line:technical stage:technical code:technical field:technical "
        "reason:technical row:raw! digest:technical state:technical repaired:raw! failed_us:technical "
        "changed_us:technical",
        key="row",
        category=Category.RAW,
        label="A row that could not be taken in, sealed",
    ),
    declare(
        Store.CONTROL,
        "builds",
        "id:technical as_of_us:technical started_us:technical finished_us:technical seconds:technical "
        "status:technical steps:technical",
        label="A run of a build",
    ),
    declare(Store.CONTROL, "counters", "name:technical next:technical", label="A counter"),
    # --- who is who -----------------------------------------------------------------------------------------------
    declare(
        Store.IDENTITY,
        "records",
        "number:internal_id record_id:internal_id first_us:technical",
        key="record_id",
        category=Category.LINK,
        label="A record that links know",
    ),
    declare(
        Store.IDENTITY,
        "links",
        "fact:technical left_record:internal_id right_record:internal_id rule:link state:link weight:link "
        "model:technical decided_us:link decided_by:account act:technical",
        key="left_record",
        category=Category.LINK,
        label="Why two records are, or are not, one person",
    ),
    declare(
        Store.IDENTITY,
        "persons",
        "step:technical record:internal_id person:internal_id since_us:link",
        key="record",
        category=Category.LINK,
        label="Who a record was, and since when",
    ),
    declare(
        Store.IDENTITY,
        "models",
        "version:technical body:technical made_us:technical",
        label="A matching model: weights",
    ),
    declare(Store.IDENTITY, "facts", "name:technical value:technical", label="What links were made from"),
    # --- accounts of those who work here ------------------------------------------------------------------------------
    declare(
        Store.ACCOUNTS,
        "users",
        "name:account role:account password:key made_us:account last_us:account",
        category=Category.ACCOUNT,
        label="Somebody who may log in",
    ),
    declare(
        Store.ACCOUNTS,
        "tries",
        "name:pseudonym failed:technical until_us:technical",
        category=Category.ACCOUNT,
        label="Failed logins of a name",
    ),
    declare(
        Store.ACCOUNTS,
        "keys",
        "id:account digest:key scope:account role:account made_us:account expires_us:account revoked_us:account "
        "last_us:account",
        category=Category.ACCOUNT,
        label="A key of a program",
    ),
    declare(
        Store.ACCOUNTS,
        "key_sources",
        "id:account source:technical",
        category=Category.ACCOUNT,
        label="The live source that a key sends to",
    ),
    declare(
        Store.ACCOUNTS,
        "users_disabled",
        "name:account since_us:account",
        category=Category.ACCOUNT,
        label="Somebody who may not log in for now",
    ),
    declare(
        Store.ACCOUNTS,
        "sessions",
        "digest:key id:account how:account name:account role:account user:account made_us:account used_us:account "
        "expires_us:account",
        category=Category.ACCOUNT,
        label="Somebody who is signed in",
    ),
    declare(
        Store.ACCOUNTS,
        "links",
        "digest:key name:account role:account expires_us:account",
        category=Category.ACCOUNT,
        label="A link that lets somebody in once",
    ),
    declare(
        Store.DRAFTS,
        "drafts",
        "id:technical kind:technical owner:account name:technical body:technical version:technical made_us:technical "
        "changed_us:technical",
        category=Category.ACCOUNT,
        label="What somebody who works here has not published yet",
    ),
    # --- consents, audit, requests ----------------------------------------------------------------------------------
    declare(
        Store.CONSENTS,
        "entries",
        "number:technical record_id:internal_id purpose:consent state:consent basis:consent source:consent "
        "text_version:consent region:consent occurred_us:consent received_us:consent strength:consent",
        key="record_id",
        category=Category.CONSENT,
        label="What somebody said to a purpose",
    ),
    declare(
        Store.AUDIT,
        "entries",
        "number:technical said:audit digest:technical signature:technical",
        key="said",
        category=Category.AUDIT,
        label="Who did what, about whom by internal id",
    ),
    declare(
        Store.PRIVACY,
        "requests",
        "request_id:technical kind:technical subjects:internal_id records:internal_id state:technical "
        "asked_us:technical done_us:technical",
        key="subjects",
        category=Category.AUDIT,
        label="An order to erase, by internal ids; those of records go when it is carried out",
    ),
    declare(
        Store.PRIVACY,
        "recipients",
        "number:technical kind:technical target:technical what:technical given_us:technical",
        label="Where data was given to",
    ),
    declare(
        Store.PRIVACY,
        "first_seen",
        "source:technical sha256:technical seen_us:technical",
        label="When a file was first taken in, for retention",
    ),
    # --- history files ----------------------------------------------------------------------------------------------
    declare(
        Store.HISTORY,
        "moves",
        "segment:derived customer_id:internal_id entered:derived",
        key="customer_id",
        category=Category.DERIVED,
        label="Who entered or left a segment in a build",
    ),
    declare(
        Store.HISTORY,
        "sizes",
        "segment:technical as_of:technical customers:technical entered:technical left:technical rule:technical",
        label="How many a segment had in a build",
    ),
    declare(
        Store.HISTORY,
        "cuts",
        "ranked:technical kind:technical value:technical per_mille:technical customers:technical top:technical",
        label="A place among all customers at a build",
    ),
    declare(
        Store.HISTORY,
        "aside",
        "people:derived customer_id:internal_id state:technical last:technical build:technical segment:derived"
        " entered:derived",
        key="customer_id",
        category=Category.DERIVED,
        label="Who had entered or left a segment before records were joined or parted",
    ),
    # --- the warehouse, as far as it is the same everywhere -----------------------------------------------------------
    declare(
        Store.WAREHOUSE,
        "source_loads",
        "source:technical slot:technical digest:technical tables:technical made:technical",
        label="What the warehouse holds of a source",
    ),
    declare(Store.WAREHOUSE, "built", "step:technical digest:technical", label="What was built from what"),
    declare(
        Store.WAREHOUSE,
        "cut_points",
        "ranked:technical kind:technical value:technical per_mille:technical customers:technical top:technical",
        label="A place among all customers",
    ),
    declare(
        Store.WAREHOUSE,
        "memberships",
        "segment:derived customer_id:internal_id entered_at:derived left_at:derived",
        key="customer_id",
        category=Category.DERIVED,
        label="Somebody's time in a segment",
    ),
    declare(
        Store.WAREHOUSE,
        "persons",
        "record_id:internal_id customer_id:internal_id",
        key="customer_id",
        category=Category.LINK,
        label="A record that is somebody else's",
    ),
    declare(
        Store.WAREHOUSE,
        "relations",
        "relation:technical customer_id:internal_id group_id:link",
        key="customer_id",
        category=Category.LINK,
        label="Somebody's household or account, by a number of its own",
    ),
    declare(
        Store.WAREHOUSE,
        "restricted",
        "customer_id:internal_id",
        key="customer_id",
        category=Category.CONSENT,
        label="Somebody whose data is kept and used for nothing",
    ),
    declare(Store.WAREHOUSE, "consent_ledger", "number:technical", label="How far consents were read"),
)
