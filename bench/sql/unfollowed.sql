-- Some product view of (now - 30 days, now] whose seven days are over without an order in them.
-- The ends are computed before the join, so that its conditions compare columns with columns.
with viewed as (
    select customer_id, occurred_at, position, occurred_at + interval 7 days as until
    from event_product_viewed
    where occurred_at > $now - interval 30 days
      and occurred_at <= $now - interval 7 days
),
ordered as (
    select customer_id, occurred_at, position
    from event_order_completed
    where occurred_at > $now - interval 30 days
      and occurred_at <= $now
)
select distinct viewed.customer_id
from viewed
anti join ordered
    on ordered.customer_id = viewed.customer_id
    and (ordered.occurred_at, ordered.position) > (viewed.occurred_at, viewed.position)
    and ordered.occurred_at <= viewed.until
