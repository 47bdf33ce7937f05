-- stopped('Session', after='21d') and feature.orders_365d >= 2 and not segment.cart_abandoner
WITH "t6" AS (
  SELECT
    "t1"."customer_id",
    DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t1"."occurred_at") AS "instant",
    "t1"."position"
  FROM "event_order_completed" AS "t1"
  WHERE
    "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
), "t22" AS (
  SELECT
    "t13"."customer_id",
    "t13"."instant",
    "t13"."position",
    "t20"."many_customer_id"
  FROM "t6" AS "t13"
  LEFT OUTER JOIN (
    SELECT
      "t14"."customer_id" AS "many_customer_id"
    FROM (
      SELECT
        "t9"."customer_id",
        COUNT(*) AS "times"
      FROM "t6" AS "t9"
      GROUP BY
        1
    ) AS "t14"
    WHERE
      "t14"."times" > 64
  ) AS "t20"
    ON "t13"."customer_id" = "t20"."many_customer_id"
), "t26" AS (
  SELECT
    "t25"."customer_id",
    "t25"."instant" - (
      "t25"."instant" % 86400000000
    ) AS "stretch",
    MIN({'instant': "t25"."instant", 'position': "t25"."position"}) AS "earliest",
    MAX({'instant': "t25"."instant", 'position': "t25"."position"}) AS "latest"
  FROM (
    SELECT
      *
    FROM "t22" AS "t23"
    WHERE
      "t23"."many_customer_id" IS NOT NULL
  ) AS "t25"
  GROUP BY
    1,
    2
), "t31" AS (
  SELECT
    *
  FROM (
    SELECT
      "t27"."customer_id",
      "t27"."latest"."instant" AS "instant",
      "t27"."latest"."position" AS "position"
    FROM "t26" AS "t27"
  ) AS "t28"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t23"."customer_id",
        "t23"."instant",
        "t23"."position"
      FROM "t22" AS "t23"
      WHERE
        "t23"."many_customer_id" IS NULL
    ) AS "t24"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t27"."customer_id",
        "t27"."earliest"."instant" AS "instant",
        "t27"."earliest"."position" AS "position"
      FROM "t26" AS "t27"
    ) AS "t29"
  ) AS "t30"
)
SELECT
  "t42"."customer_id"
FROM (
  SELECT
    "t41"."customer_id",
    COALESCE(
      (
        COALESCE("t41"."figure_1", 0) > 0
      )
      AND NOT (
        COALESCE(COALESCE("t41"."figure_2", 0) > 0, FALSE)
      )
      AND (
        (
          COALESCE("t41"."figure_0", 0) >= 2
        )
        AND NOT (
          COALESCE(COALESCE("t41"."flag_0", FALSE), FALSE)
        )
      ),
      FALSE
    ) AS "holds"
  FROM (
    SELECT
      "t4"."customer_id",
      "t4"."country",
      "t17"."side_0",
      "t17"."figure_0",
      "t21"."side_1",
      "t21"."figure_1",
      "t21"."figure_2",
      "t40"."side_2",
      "t40"."flag_0"
    FROM "customers" AS "t4"
    LEFT OUTER JOIN (
      SELECT
        "t11"."customer_id" AS "side_0",
        "t11"."figure_0"
      FROM (
        SELECT
          "t5"."customer_id",
          COUNT(*) AS "figure_0"
        FROM (
          SELECT
            *
          FROM "event_order_completed" AS "t1"
          WHERE
            "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t1"."occurred_at" > MAKE_TIMESTAMP(2025, 3, 29, 12, 0, 0.0)
        ) AS "t5"
        GROUP BY
          1
      ) AS "t11"
    ) AS "t17"
      ON "t4"."customer_id" = "t17"."side_0"
    LEFT OUTER JOIN (
      SELECT
        "t16"."customer_id" AS "side_1",
        "t16"."figure_1",
        "t16"."figure_2"
      FROM (
        SELECT
          "t7"."customer_id",
          COUNT(*) AS "figure_1",
          COUNT(*) FILTER(WHERE
            "t7"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 8, 12, 0, 0.0)) AS "figure_2"
        FROM (
          SELECT
            *
          FROM "event_session" AS "t2"
          WHERE
            "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
        ) AS "t7"
        GROUP BY
          1
      ) AS "t16"
    ) AS "t21"
      ON "t4"."customer_id" = "t21"."side_1"
    LEFT OUTER JOIN (
      SELECT
        "t38"."customer_id" AS "side_2",
        TRUE AS "flag_0"
      FROM (
        SELECT DISTINCT
          "t37"."customer_id"
        FROM (
          SELECT
            "t10"."customer_id",
            "t10"."instant",
            "t10"."position"
          FROM (
            SELECT
              "t3"."customer_id",
              DATE_DIFF('MICROSECOND', MAKE_TIMESTAMP(1, 1, 1, 0, 0, 0.0), "t3"."occurred_at") AS "instant",
              "t3"."position"
            FROM "event_cart_viewed" AS "t3"
            WHERE
              "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
              AND "t3"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
              AND "t3"."items" >= 3
              AND "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 28, 12, 0, 0.0)
          ) AS "t10"
          ANTI JOIN (
            SELECT
              *
            FROM (
              SELECT
                "t32"."customer_id" AS "answer_customer_id",
                "t32"."instant" AS "answer_instant",
                "t32"."position" AS "answer_position",
                "t32"."instant" - 86400000000 AS "since",
                "t32"."instant" - (
                  "t32"."instant" % 345600000000
                ) AS "shelf"
              FROM "t31" AS "t32"
            ) AS "t33"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t32"."customer_id" AS "answer_customer_id",
                "t32"."instant" AS "answer_instant",
                "t32"."position" AS "answer_position",
                "t32"."instant" - 86400000000 AS "since",
                (
                  "t32"."instant" - (
                    "t32"."instant" % 345600000000
                  )
                ) - 345600000000 AS "shelf"
              FROM "t31" AS "t32"
              WHERE
                (
                  "t32"."instant" - 86400000000
                ) < (
                  "t32"."instant" - (
                    "t32"."instant" % 345600000000
                  )
                )
            ) AS "t34"
          ) AS "t36"
            ON "t10"."customer_id" = "t36"."answer_customer_id"
            AND (
              "t10"."instant" - (
                "t10"."instant" % 345600000000
              )
            ) = "t36"."shelf"
            AND "t10"."instant" >= "t36"."since"
            AND {'instant': "t10"."instant", 'position': "t10"."position"} < {'instant': "t36"."answer_instant", 'position': "t36"."answer_position"}
        ) AS "t37"
      ) AS "t38"
    ) AS "t40"
      ON "t4"."customer_id" = "t40"."side_2"
  ) AS "t41"
) AS "t42"
WHERE
  "t42"."holds"
