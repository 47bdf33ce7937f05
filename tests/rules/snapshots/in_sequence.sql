-- sequence('Product Viewed', 'Cart Viewed', 'Order Completed', within='24h', this_month=True)
WITH "t7" AS (
  SELECT
    "t3"."customer_id",
    DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t3"."occurred_at") AS "instant",
    "t3"."position"
  FROM "event_order_completed" AS "t3"
  WHERE
    "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t3"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
), "t16" AS (
  SELECT
    "t12"."customer_id",
    "t12"."instant",
    "t12"."position",
    "t15"."many_customer_id"
  FROM "t7" AS "t12"
  LEFT OUTER JOIN (
    SELECT
      "t13"."customer_id" AS "many_customer_id"
    FROM (
      SELECT
        "t10"."customer_id",
        COUNT(*) AS "times"
      FROM "t7" AS "t10"
      GROUP BY
        1
    ) AS "t13"
    WHERE
      "t13"."times" > 64
  ) AS "t15"
    ON "t12"."customer_id" = "t15"."many_customer_id"
), "t20" AS (
  SELECT
    "t19"."customer_id",
    "t19"."instant" - (
      "t19"."instant" % 86400000000
    ) AS "stretch",
    MIN({'instant': "t19"."instant", 'position': "t19"."position"}) AS "earliest",
    MAX({'instant': "t19"."instant", 'position': "t19"."position"}) AS "latest"
  FROM (
    SELECT
      *
    FROM "t16" AS "t17"
    WHERE
      "t17"."many_customer_id" IS NOT NULL
  ) AS "t19"
  GROUP BY
    1,
    2
), "t25" AS (
  SELECT
    *
  FROM (
    SELECT
      "t21"."customer_id",
      "t21"."latest"."instant" AS "instant",
      "t21"."latest"."position" AS "position"
    FROM "t20" AS "t21"
  ) AS "t22"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t17"."customer_id",
        "t17"."instant",
        "t17"."position"
      FROM "t16" AS "t17"
      WHERE
        "t17"."many_customer_id" IS NULL
    ) AS "t18"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t21"."customer_id",
        "t21"."earliest"."instant" AS "instant",
        "t21"."earliest"."position" AS "position"
      FROM "t20" AS "t21"
    ) AS "t23"
  ) AS "t24"
), "t31" AS (
  SELECT
    "t9"."customer_id",
    "t9"."instant",
    "t9"."position"
  FROM (
    SELECT
      "t2"."customer_id",
      DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t2"."occurred_at") AS "instant",
      "t2"."position"
    FROM "event_cart_viewed" AS "t2"
    WHERE
      "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
      AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
  ) AS "t9"
  SEMI JOIN (
    SELECT
      *
    FROM (
      SELECT
        "t26"."customer_id" AS "answer_customer_id",
        "t26"."instant" AS "answer_instant",
        "t26"."position" AS "answer_position",
        "t26"."instant" - 86400000000 AS "since",
        "t26"."instant" - (
          "t26"."instant" % 345600000000
        ) AS "shelf"
      FROM "t25" AS "t26"
    ) AS "t27"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t26"."customer_id" AS "answer_customer_id",
        "t26"."instant" AS "answer_instant",
        "t26"."position" AS "answer_position",
        "t26"."instant" - 86400000000 AS "since",
        (
          "t26"."instant" - (
            "t26"."instant" % 345600000000
          )
        ) - 345600000000 AS "shelf"
      FROM "t25" AS "t26"
      WHERE
        (
          "t26"."instant" - 86400000000
        ) < (
          "t26"."instant" - (
            "t26"."instant" % 345600000000
          )
        )
    ) AS "t28"
  ) AS "t30"
    ON "t9"."customer_id" = "t30"."answer_customer_id"
    AND (
      "t9"."instant" - (
        "t9"."instant" % 345600000000
      )
    ) = "t30"."shelf"
    AND "t9"."instant" >= "t30"."since"
    AND {'instant': "t9"."instant", 'position': "t9"."position"} < {'instant': "t30"."answer_instant", 'position': "t30"."answer_position"}
), "t38" AS (
  SELECT
    "t34"."customer_id",
    "t34"."instant",
    "t34"."position",
    "t37"."many_customer_id"
  FROM "t31" AS "t34"
  LEFT OUTER JOIN (
    SELECT
      "t35"."customer_id" AS "many_customer_id"
    FROM (
      SELECT
        "t32"."customer_id",
        COUNT(*) AS "times"
      FROM "t31" AS "t32"
      GROUP BY
        1
    ) AS "t35"
    WHERE
      "t35"."times" > 64
  ) AS "t37"
    ON "t34"."customer_id" = "t37"."many_customer_id"
), "t42" AS (
  SELECT
    "t41"."customer_id",
    "t41"."instant" - (
      "t41"."instant" % 86400000000
    ) AS "stretch",
    MIN({'instant': "t41"."instant", 'position': "t41"."position"}) AS "earliest",
    MAX({'instant': "t41"."instant", 'position': "t41"."position"}) AS "latest"
  FROM (
    SELECT
      *
    FROM "t38" AS "t39"
    WHERE
      "t39"."many_customer_id" IS NOT NULL
  ) AS "t41"
  GROUP BY
    1,
    2
), "t47" AS (
  SELECT
    *
  FROM (
    SELECT
      "t43"."customer_id",
      "t43"."latest"."instant" AS "instant",
      "t43"."latest"."position" AS "position"
    FROM "t42" AS "t43"
  ) AS "t44"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t39"."customer_id",
        "t39"."instant",
        "t39"."position"
      FROM "t38" AS "t39"
      WHERE
        "t39"."many_customer_id" IS NULL
    ) AS "t40"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t43"."customer_id",
        "t43"."earliest"."instant" AS "instant",
        "t43"."earliest"."position" AS "position"
      FROM "t42" AS "t43"
    ) AS "t45"
  ) AS "t46"
)
SELECT
  "t57"."customer_id"
FROM (
  SELECT
    "t4"."customer_id",
    "t4"."country",
    "t56"."side_0",
    "t56"."flag_0"
  FROM "customers" AS "t4"
  LEFT OUTER JOIN (
    SELECT
      "t54"."customer_id" AS "side_0",
      TRUE AS "flag_0"
    FROM (
      SELECT DISTINCT
        "t53"."customer_id"
      FROM (
        SELECT
          "t8"."customer_id",
          "t8"."instant",
          "t8"."position"
        FROM (
          SELECT
            "t1"."customer_id",
            DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t1"."occurred_at") AS "instant",
            "t1"."position"
          FROM "event_product_viewed" AS "t1"
          WHERE
            "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
        ) AS "t8"
        SEMI JOIN (
          SELECT
            *
          FROM (
            SELECT
              "t48"."customer_id" AS "answer_customer_id",
              "t48"."instant" AS "answer_instant",
              "t48"."position" AS "answer_position",
              "t48"."instant" - 86400000000 AS "since",
              "t48"."instant" - (
                "t48"."instant" % 345600000000
              ) AS "shelf"
            FROM "t47" AS "t48"
          ) AS "t49"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t48"."customer_id" AS "answer_customer_id",
              "t48"."instant" AS "answer_instant",
              "t48"."position" AS "answer_position",
              "t48"."instant" - 86400000000 AS "since",
              (
                "t48"."instant" - (
                  "t48"."instant" % 345600000000
                )
              ) - 345600000000 AS "shelf"
            FROM "t47" AS "t48"
            WHERE
              (
                "t48"."instant" - 86400000000
              ) < (
                "t48"."instant" - (
                  "t48"."instant" % 345600000000
                )
              )
          ) AS "t50"
        ) AS "t52"
          ON "t8"."customer_id" = "t52"."answer_customer_id"
          AND (
            "t8"."instant" - (
              "t8"."instant" % 345600000000
            )
          ) = "t52"."shelf"
          AND "t8"."instant" >= "t52"."since"
          AND {'instant': "t8"."instant", 'position': "t8"."position"} < {'instant': "t52"."answer_instant", 'position': "t52"."answer_position"}
      ) AS "t53"
    ) AS "t54"
  ) AS "t56"
    ON "t4"."customer_id" = "t56"."side_0"
) AS "t57"
WHERE
  COALESCE("t57"."flag_0", FALSE)
