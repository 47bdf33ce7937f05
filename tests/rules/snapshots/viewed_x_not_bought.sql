-- did('Product Viewed', where=product_id == 'X', last='7d') and not did('Order Completed', last='7d')
SELECT
  "t13"."customer_id"
FROM (
  SELECT
    "t12"."customer_id",
    COALESCE(
      (
        COALESCE("t12"."figure_0", 0) > 0
      )
      AND NOT (
        COALESCE(COALESCE("t12"."figure_1", 0) > 0, FALSE)
      ),
      FALSE
    ) AS "holds"
  FROM (
    SELECT
      "t3"."customer_id",
      "t3"."country",
      "t10"."side_0",
      "t10"."figure_0",
      "t11"."side_1",
      "t11"."figure_1"
    FROM "customers" AS "t3"
    LEFT OUTER JOIN (
      SELECT
        "t6"."customer_id" AS "side_0",
        "t6"."figure_0"
      FROM (
        SELECT
          "t4"."customer_id",
          COUNT(*) AS "figure_0"
        FROM (
          SELECT
            *
          FROM "event_product_viewed" AS "t1"
          WHERE
            "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
            AND "t1"."product_id" = 'X'
        ) AS "t4"
        GROUP BY
          1
      ) AS "t6"
    ) AS "t10"
      ON "t3"."customer_id" = "t10"."side_0"
    LEFT OUTER JOIN (
      SELECT
        "t7"."customer_id" AS "side_1",
        "t7"."figure_1"
      FROM (
        SELECT
          "t5"."customer_id",
          COUNT(*) AS "figure_1"
        FROM (
          SELECT
            *
          FROM "event_order_completed" AS "t2"
          WHERE
            "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
        ) AS "t5"
        GROUP BY
          1
      ) AS "t7"
    ) AS "t11"
      ON "t3"."customer_id" = "t11"."side_1"
  ) AS "t12"
) AS "t13"
WHERE
  "t13"."holds"
