-- Visits end when 30 minutes pass without an event; per customer how many have ended, and their mean whole seconds.
-- A visit's first row knows when the visit before it ended, so each end is read one visit later and no row is numbered.
with happened as (
    select customer_id, occurred_at from event_page_viewed where occurred_at <= $now
    union all
    select customer_id, occurred_at from event_product_viewed where occurred_at <= $now
    union all
    select customer_id, occurred_at from event_product_added where occurred_at <= $now
    union all
    select customer_id, occurred_at from event_cart_viewed where occurred_at <= $now
    union all
    select customer_id, occurred_at from event_email_opened where occurred_at <= $now
    union all
    select customer_id, occurred_at from event_order_completed where occurred_at <= $now
),
spaced as (
    select
        customer_id,
        occurred_at,
        lag(occurred_at) over (partition by customer_id order by occurred_at) as previous_at,
        max(occurred_at) over (partition by customer_id) as newest_at
    from happened
),
opened as (
    select * from spaced
    where previous_at is null or occurred_at - previous_at >= interval 30 minutes
),
visits as (
    select
        customer_id,
        occurred_at as started_at,
        coalesce(lead(previous_at) over (partition by customer_id order by occurred_at), newest_at) as ended_at
    from opened
),
counted as (
    select
        customer_id,
        count(*) as sessions,
        avg((epoch_us(ended_at) - epoch_us(started_at)) // 1000000) as mean_duration_s
    from visits
    where ended_at <= $now - interval 30 minutes
    group by customer_id
)
select customers.customer_id, coalesce(sessions, 0) as sessions, mean_duration_s
from customers
left join counted using (customer_id)
