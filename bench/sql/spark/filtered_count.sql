-- Three or more looks at a product of category c07 in (now - 7 days, now].
select customer_id
from event_product_viewed
where category = 'c07'
  and occurred_at > cast(:now as timestamp_ntz) - interval 7 days
  and occurred_at <= cast(:now as timestamp_ntz)
group by customer_id
having count(*) >= 3
