-- A product view, then within 24 hours an addition to the cart, then within 24 hours an order.
-- From the rarest event backwards: the additions that an order answers, then the views before those.
with ordered as (
    select customer_id, occurred_at, position, occurred_at - interval 24 hours as earliest
    from event_order_completed
    where occurred_at <= $now
),
answered as (
    select distinct
        added.customer_id, added.occurred_at, added.position, added.occurred_at - interval 24 hours as earliest
    from event_product_added as added
    join ordered
        on ordered.customer_id = added.customer_id
        and added.occurred_at >= ordered.earliest
        and added.occurred_at <= ordered.occurred_at
        and (added.occurred_at < ordered.occurred_at or added.position < ordered.position)
)
select distinct viewed.customer_id
from event_product_viewed as viewed
join answered
    on answered.customer_id = viewed.customer_id
    and viewed.occurred_at >= answered.earliest
    and viewed.occurred_at <= answered.occurred_at
    and (viewed.occurred_at < answered.occurred_at or viewed.position < answered.position)
