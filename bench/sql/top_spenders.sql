-- At or above the 0.9 quantile of what all customers, those without an order included, spent in (now - 90 days, now].
with spent as (
    select customer_id, sum(revenue) as revenue
    from event_order_completed
    where occurred_at > $now - interval 90 days
      and occurred_at <= $now
    group by customer_id
),
everyone as (
    select customers.customer_id, coalesce(spent.revenue, 0) as revenue
    from customers
    left join spent using (customer_id)
)
select customer_id
from everyone
where revenue >= (select quantile_disc(revenue, 0.9) from everyone)
