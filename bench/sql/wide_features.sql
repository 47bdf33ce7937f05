-- Recency, frequency, monetary value and 30 more figures of every customer, each event table read for its own.
-- `latest` and `first` break ties of time by position: both are packed into one ordered number. A missing value stays one.
with page_viewed as (
    select
        customer_id,
        count(*) filter (where occurred_at > $now - interval 7 days) as page_views_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as page_views_30d,
        count(*) filter (where occurred_at > $now - interval 90 days) as page_views_90d,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at
    from event_page_viewed
    where occurred_at <= $now
    group by customer_id
),
product_viewed as (
    select
        customer_id,
        count(*) filter (where occurred_at > $now - interval 7 days) as product_views_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as product_views_30d,
        count(*) filter (where occurred_at > $now - interval 90 days) as product_views_90d,
        arg_max_null(product_id, epoch_us(occurred_at)::hugeint * 1099511627776 + position) as latest_product
    from event_product_viewed
    where occurred_at <= $now
    group by customer_id
),
products_seen as (
    select customer_id, count(distinct product_id) as products_viewed_90d
    from event_product_viewed
    where occurred_at > $now - interval 90 days and occurred_at <= $now
    group by customer_id
),
categories_seen as (
    select customer_id, count(distinct category) as categories_viewed_30d
    from event_product_viewed
    where occurred_at > $now - interval 30 days and occurred_at <= $now
    group by customer_id
),
product_added as (
    select
        customer_id,
        count(*) filter (where occurred_at > $now - interval 7 days) as additions_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as additions_30d,
        count(*) as additions_90d,
        sum(items) filter (where occurred_at > $now - interval 30 days) as items_added_30d
    from event_product_added
    where occurred_at > $now - interval 90 days and occurred_at <= $now
    group by customer_id
),
cart_viewed as (
    select
        customer_id,
        count(*) filter (where occurred_at > $now - interval 7 days) as cart_views_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as cart_views_30d,
        count(*) as cart_views_90d
    from event_cart_viewed
    where occurred_at > $now - interval 90 days and occurred_at <= $now
    group by customer_id
),
email_opened as (
    select
        customer_id,
        count(*) filter (where occurred_at > $now - interval 7 days) as opens_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as opens_30d,
        count(*) as opens_90d
    from event_email_opened
    where occurred_at > $now - interval 90 days and occurred_at <= $now
    group by customer_id
),
order_completed as (
    select
        customer_id,
        max(occurred_at) as last_order_at,
        min(occurred_at) as first_order_at,
        count(*) filter (where occurred_at > $now - interval 7 days) as orders_7d,
        count(*) filter (where occurred_at > $now - interval 30 days) as orders_30d,
        count(*) filter (where occurred_at > $now - interval 90 days) as orders_90d,
        sum(revenue) filter (where occurred_at > $now - interval 90 days) as spend_90d,
        avg(revenue) as mean_order,
        max(revenue) as largest_order,
        sum(items) filter (where occurred_at > $now - interval 90 days) as items_90d,
        avg(items) as mean_items,
        count(distinct product_id) as products_ordered,
        arg_min_null(category, epoch_us(occurred_at)::hugeint * 1099511627776 + position) as first_category,
        arg_max_null(category, epoch_us(occurred_at)::hugeint * 1099511627776 + position) as latest_category
    from event_order_completed
    where occurred_at <= $now
    group by customer_id
)
select
    customers.customer_id,
    last_order_at,
    coalesce(orders_90d, 0) as orders_90d,
    coalesce(spend_90d, 0) as spend_90d,
    first_order_at,
    coalesce(orders_7d, 0) as orders_7d,
    coalesce(orders_30d, 0) as orders_30d,
    mean_order,
    largest_order,
    coalesce(items_90d, 0) as items_90d,
    mean_items,
    coalesce(products_ordered, 0) as products_ordered,
    first_category,
    latest_category,
    coalesce(page_views_7d, 0) as page_views_7d,
    coalesce(page_views_30d, 0) as page_views_30d,
    coalesce(page_views_90d, 0) as page_views_90d,
    first_seen_at,
    last_seen_at,
    coalesce(product_views_7d, 0) as product_views_7d,
    coalesce(product_views_30d, 0) as product_views_30d,
    coalesce(product_views_90d, 0) as product_views_90d,
    latest_product,
    coalesce(products_viewed_90d, 0) as products_viewed_90d,
    coalesce(categories_viewed_30d, 0) as categories_viewed_30d,
    coalesce(additions_7d, 0) as additions_7d,
    coalesce(additions_30d, 0) as additions_30d,
    coalesce(additions_90d, 0) as additions_90d,
    coalesce(items_added_30d, 0) as items_added_30d,
    coalesce(cart_views_7d, 0) as cart_views_7d,
    coalesce(cart_views_30d, 0) as cart_views_30d,
    coalesce(cart_views_90d, 0) as cart_views_90d,
    coalesce(opens_7d, 0) as opens_7d,
    coalesce(opens_30d, 0) as opens_30d,
    coalesce(opens_90d, 0) as opens_90d
from customers
left join page_viewed using (customer_id)
left join product_viewed using (customer_id)
left join products_seen using (customer_id)
left join categories_seen using (customer_id)
left join product_added using (customer_id)
left join cart_viewed using (customer_id)
left join email_opened using (customer_id)
left join order_completed using (customer_id)
