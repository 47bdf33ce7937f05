-- percentile(feature.spend_365d) >= 0.9 and feature.orders_365d >= 4
SELECT
  "t11"."customer_id"
FROM (
  SELECT
    "t10"."customer_id",
    COALESCE((
      "t10"."part_0" >= 0.9
    ) AND (
      "t10"."feature_orders_365d" >= 4
    ), FALSE) AS "holds"
  FROM (
    SELECT
      "t9"."customer_id",
      "t9"."country",
      "t9"."figure_0",
      "t9"."figure_1",
      "t9"."feature_spend_365d",
      "t9"."feature_orders_365d",
      CAST(CASE
        WHEN "t9"."feature_spend_365d" IS NULL
        THEN CAST(NULL AS BIGINT)
        ELSE CAST(FLOOR(
          (
            (
              COUNT("t9"."feature_spend_365d") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - (
                RANK() OVER (
                  ORDER BY "t9"."feature_spend_365d" DESC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1
              )
            ) * 1000
          ) / (
            NULLIF(
              COUNT("t9"."feature_spend_365d") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING),
              0
            )
          )
        ) AS BIGINT)
      END AS DOUBLE) / 1000.0 AS "part_0"
    FROM (
      SELECT
        "t8"."customer_id",
        "t8"."country",
        "t8"."figure_0",
        "t8"."figure_1",
        CASE
          WHEN "t8"."figure_0" IS NULL
          THEN CAST(0.0000 AS DECIMAL(19, 4))
          ELSE COALESCE(TRY_CAST("t8"."figure_0" AS DECIMAL(19, 4)), CAST(NULL AS DECIMAL(19, 4)))
        END AS "feature_spend_365d",
        COALESCE("t8"."figure_1", 0) AS "feature_orders_365d"
      FROM (
        SELECT
          "t7".*
          EXCLUDE ("side_0")
        FROM (
          SELECT
            "t2"."customer_id",
            "t2"."country",
            "t6"."side_0",
            "t6"."figure_0",
            "t6"."figure_1"
          FROM "customers" AS "t2"
          LEFT OUTER JOIN (
            SELECT
              "t4"."customer_id" AS "side_0",
              "t4"."figure_0",
              "t4"."figure_1"
            FROM (
              SELECT
                "t3"."customer_id",
                SUM("t3"."revenue") AS "figure_0",
                COUNT(*) AS "figure_1"
              FROM (
                SELECT
                  *
                FROM "event_order_completed" AS "t1"
                WHERE
                  "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
                  AND "t1"."occurred_at" > MAKE_TIMESTAMP(2025, 3, 29, 12, 0, 0.0)
              ) AS "t3"
              GROUP BY
                1
            ) AS "t4"
          ) AS "t6"
            ON "t2"."customer_id" = "t6"."side_0"
        ) AS "t7"
      ) AS "t8"
    ) AS "t9"
  ) AS "t10"
) AS "t11"
WHERE
  "t11"."holds"
