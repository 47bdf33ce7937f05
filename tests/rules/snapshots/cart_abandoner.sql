-- unfollowed('Cart Viewed', by='Order Completed', where=items >= 3, within='24h', last='7d')
WITH "t5" AS (
  SELECT
    "t2"."customer_id",
    DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t2"."occurred_at") AS "instant",
    "t2"."position"
  FROM "event_order_completed" AS "t2"
  WHERE
    "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
), "t13" AS (
  SELECT
    "t9"."customer_id",
    "t9"."instant",
    "t9"."position",
    "t12"."many_customer_id"
  FROM "t5" AS "t9"
  LEFT OUTER JOIN (
    SELECT
      "t10"."customer_id" AS "many_customer_id"
    FROM (
      SELECT
        "t7"."customer_id",
        COUNT(*) AS "times"
      FROM "t5" AS "t7"
      GROUP BY
        1
    ) AS "t10"
    WHERE
      "t10"."times" > 64
  ) AS "t12"
    ON "t9"."customer_id" = "t12"."many_customer_id"
), "t17" AS (
  SELECT
    "t16"."customer_id",
    "t16"."instant" - (
      "t16"."instant" % 86400000000
    ) AS "stretch",
    MIN({'instant': "t16"."instant", 'position': "t16"."position"}) AS "earliest",
    MAX({'instant': "t16"."instant", 'position': "t16"."position"}) AS "latest"
  FROM (
    SELECT
      *
    FROM "t13" AS "t14"
    WHERE
      "t14"."many_customer_id" IS NOT NULL
  ) AS "t16"
  GROUP BY
    1,
    2
), "t22" AS (
  SELECT
    *
  FROM (
    SELECT
      "t18"."customer_id",
      "t18"."latest"."instant" AS "instant",
      "t18"."latest"."position" AS "position"
    FROM "t17" AS "t18"
  ) AS "t19"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t14"."customer_id",
        "t14"."instant",
        "t14"."position"
      FROM "t13" AS "t14"
      WHERE
        "t14"."many_customer_id" IS NULL
    ) AS "t15"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t18"."customer_id",
        "t18"."earliest"."instant" AS "instant",
        "t18"."earliest"."position" AS "position"
      FROM "t17" AS "t18"
    ) AS "t20"
  ) AS "t21"
)
SELECT
  "t32"."customer_id"
FROM (
  SELECT
    "t3"."customer_id",
    "t3"."country",
    "t31"."side_0",
    "t31"."flag_0"
  FROM "customers" AS "t3"
  LEFT OUTER JOIN (
    SELECT
      "t29"."customer_id" AS "side_0",
      TRUE AS "flag_0"
    FROM (
      SELECT DISTINCT
        "t28"."customer_id"
      FROM (
        SELECT
          "t6"."customer_id",
          "t6"."instant",
          "t6"."position"
        FROM (
          SELECT
            "t1"."customer_id",
            DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t1"."occurred_at") AS "instant",
            "t1"."position"
          FROM "event_cart_viewed" AS "t1"
          WHERE
            "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
            AND "t1"."items" >= 3
            AND "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 28, 12, 0, 0.0)
        ) AS "t6"
        ANTI JOIN (
          SELECT
            *
          FROM (
            SELECT
              "t23"."customer_id" AS "answer_customer_id",
              "t23"."instant" AS "answer_instant",
              "t23"."position" AS "answer_position",
              "t23"."instant" - 86400000000 AS "since",
              "t23"."instant" - (
                "t23"."instant" % 345600000000
              ) AS "shelf"
            FROM "t22" AS "t23"
          ) AS "t24"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t23"."customer_id" AS "answer_customer_id",
              "t23"."instant" AS "answer_instant",
              "t23"."position" AS "answer_position",
              "t23"."instant" - 86400000000 AS "since",
              (
                "t23"."instant" - (
                  "t23"."instant" % 345600000000
                )
              ) - 345600000000 AS "shelf"
            FROM "t22" AS "t23"
            WHERE
              (
                "t23"."instant" - 86400000000
              ) < (
                "t23"."instant" - (
                  "t23"."instant" % 345600000000
                )
              )
          ) AS "t25"
        ) AS "t27"
          ON "t6"."customer_id" = "t27"."answer_customer_id"
          AND (
            "t6"."instant" - (
              "t6"."instant" % 345600000000
            )
          ) = "t27"."shelf"
          AND "t6"."instant" >= "t27"."since"
          AND {'instant': "t6"."instant", 'position': "t6"."position"} < {'instant': "t27"."answer_instant", 'position': "t27"."answer_position"}
      ) AS "t28"
    ) AS "t29"
  ) AS "t31"
    ON "t3"."customer_id" = "t31"."side_0"
) AS "t32"
WHERE
  COALESCE("t32"."flag_0", FALSE)
