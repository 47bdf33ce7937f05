"""What a project keeps of live events, as the catalogue of personal data has it."""

from typing import Final

from habitue.govern.catalogue import Category, Store, TableDeclaration, declare

LIVE_STORES: Final[tuple[TableDeclaration, ...]] = (
    # --- the log ------------------------------------------------------------------------------------------------------
    declare(
        Store.LOG,
        "records",
        "place:technical received_us:behaviour source:technical key:pseudonym kind:behaviour crc:technical"
        " body:sealed!",
        key="body",
        category=Category.BEHAVIOUR,
        label="A message that arrived live; what is personal in it is sealed or masked",
    ),
    declare(Store.LOG, "message_ids", "key:pseudonym place:technical", label="The id of a message"),
    declare(
        Store.LOG, "segments", "first_place:technical start_us:technical end_us:technical", label="A stretch of time"
    ),
    declare(
        Store.LOG,
        "sources",
        "id:technical name:technical received:technical stored:technical duplicates:technical failed:technical",
        label="What became of everything that a source sent",
    ),
    declare(
        Store.LOG,
        "failed",
        "number:technical source:technical stage:technical code:technical field:technical reason:technical"
        " received_us:technical raw:raw! state:technical",
        key="raw",
        category=Category.RAW,
        label="A message that could not be taken in, sealed",
    ),
    declare(Store.LOG, "facts", "name:technical value:technical", label="A counter"),
    # --- who enters and leaves ----------------------------------------------------------------------------------------
    declare(
        Store.TRANSITIONS,
        "segments",
        "number:technical name:technical rule:technical",
        label="A segment that is answered live",
    ),
    declare(
        Store.TRANSITIONS,
        "transitions",
        "sequence:technical customer_id:internal_id segment:derived entered:derived occurred_us:derived"
        " noticed_us:technical cause:technical log_offset:technical",
        key="customer_id",
        category=Category.DERIVED,
        label="Who entered or left a segment live",
    ),
    declare(
        Store.TRANSITIONS,
        "members",
        "segment:derived customer_id:internal_id since_us:derived sequence:technical",
        key="customer_id",
        category=Category.DERIVED,
        label="Who is in a segment live",
    ),
    declare(Store.TRANSITIONS, "facts", "name:technical value:technical", label="How far the log was read"),
    # --- what receivers were told -------------------------------------------------------------------------------------
    declare(
        Store.DELIVERIES,
        "channels",
        "name:technical sequence:technical begun_us:technical off:technical off_us:technical accepted_us:technical"
        " accepted:technical",
        label="How far a receiver has been told",
    ),
    declare(
        Store.DELIVERIES,
        "deliveries",
        "channel:technical sequence:technical segment:derived entered:derived state:technical attempts:technical"
        " next_us:technical why:technical status:technical took_ms:technical first_us:technical last_us:technical",
        label="What became of telling one entry or exit; by its number, without whose it is",
    ),
    declare(
        Store.DELIVERIES,
        "told",
        "channel:technical segment:derived customer_id:internal_id",
        key="customer_id",
        category=Category.DERIVED,
        label="Whom a receiver knows to be in a segment",
    ),
    # --- the warehouse ------------------------------------------------------------------------------------------------
    declare(
        Store.WAREHOUSE,
        "live_read",
        "place:technical received_us:technical said:technical digest:technical tables:technical",
        label="How far the log was read into the tables",
    ),
)
