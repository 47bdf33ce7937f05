-- stopped('Session', after='21d') and feature.orders_365d >= 2 and not segment.cart_abandoner
WITH "t6" AS (
  SELECT
    "t1"."customer_id",
    "t1"."occurred_at",
    "t1"."position"
  FROM "event_order_completed" AS "t1"
  WHERE
    "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
), "t23" AS (
  SELECT
    "t14"."customer_id",
    "t14"."occurred_at",
    "t14"."position"
  FROM "t6" AS "t14"
  ANTI JOIN (
    SELECT
      "t15"."customer_id"
    FROM (
      SELECT
        "t10"."customer_id",
        COUNT(*) AS "times"
      FROM "t6" AS "t10"
      GROUP BY
        1
    ) AS "t15"
    WHERE
      "t15"."times" > 64
  ) AS "t21"
    ON "t14"."customer_id" = "t21"."customer_id"
), "t24" AS (
  SELECT
    "t11"."customer_id",
    "t11"."occurred_at",
    "t11"."position"
  FROM (
    SELECT
      "t3"."customer_id",
      "t3"."occurred_at",
      "t3"."position"
    FROM "event_cart_viewed" AS "t3"
    WHERE
      "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
      AND "t3"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
      AND "t3"."items" >= 3
      AND "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 28, 12, 0, 0.0)
  ) AS "t11"
  SEMI JOIN (
    SELECT
      "t15"."customer_id"
    FROM (
      SELECT
        "t10"."customer_id",
        COUNT(*) AS "times"
      FROM "t6" AS "t10"
      GROUP BY
        1
    ) AS "t15"
    WHERE
      "t15"."times" > 64
  ) AS "t21"
    ON "t11"."customer_id" = "t21"."customer_id"
)
SELECT
  "t48"."customer_id"
FROM (
  SELECT
    "t47"."customer_id",
    COALESCE(
      (
        COALESCE("t47"."figure_1", 0) > 0
      )
      AND NOT (
        COALESCE(COALESCE("t47"."figure_2", 0) > 0, FALSE)
      )
      AND (
        (
          COALESCE("t47"."figure_0", 0) >= 2
        )
        AND NOT (
          COALESCE(COALESCE("t47"."flag_0", FALSE), FALSE)
        )
      ),
      FALSE
    ) AS "holds"
  FROM (
    SELECT
      "t4"."customer_id",
      "t4"."country",
      "t18"."side_0",
      "t18"."figure_0",
      "t22"."side_1",
      "t22"."figure_1",
      "t22"."figure_2",
      "t46"."side_2",
      "t46"."flag_0"
    FROM "customers" AS "t4"
    LEFT OUTER JOIN (
      SELECT
        "t13"."customer_id" AS "side_0",
        "t13"."figure_0"
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
      ) AS "t13"
    ) AS "t18"
      ON "t4"."customer_id" = "t18"."side_0"
    LEFT OUTER JOIN (
      SELECT
        "t17"."customer_id" AS "side_1",
        "t17"."figure_1",
        "t17"."figure_2"
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
      ) AS "t17"
    ) AS "t22"
      ON "t4"."customer_id" = "t22"."side_1"
    LEFT OUTER JOIN (
      SELECT
        "t44"."customer_id" AS "side_2",
        TRUE AS "flag_0"
      FROM (
        SELECT DISTINCT
          "t43"."customer_id"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t38"."customer_id",
              "t38"."occurred_at",
              "t38"."position"
            FROM (
              SELECT
                "t32"."customer_id",
                "t32"."occurred_at",
                "t32"."position",
                "t32"."until"
              FROM (
                SELECT
                  "t12"."customer_id",
                  "t12"."occurred_at",
                  "t12"."position",
                  "t12"."until"
                FROM (
                  SELECT
                    "t3"."customer_id",
                    "t3"."occurred_at",
                    "t3"."position",
                    "t3"."occurred_at" + INTERVAL '86400000000' MICROSECOND AS "until"
                  FROM "event_cart_viewed" AS "t3"
                  WHERE
                    "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
                    AND "t3"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
                    AND "t3"."items" >= 3
                    AND "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 28, 12, 0, 0.0)
                ) AS "t12"
                ANTI JOIN (
                  SELECT
                    "t15"."customer_id"
                  FROM (
                    SELECT
                      "t10"."customer_id",
                      COUNT(*) AS "times"
                    FROM "t6" AS "t10"
                    GROUP BY
                      1
                  ) AS "t15"
                  WHERE
                    "t15"."times" > 64
                ) AS "t21"
                  ON "t12"."customer_id" = "t21"."customer_id"
              ) AS "t32"
              ANTI JOIN "t23" AS "t30"
                ON "t32"."customer_id" = "t30"."customer_id"
                AND "t30"."occurred_at" > "t32"."occurred_at"
                AND "t30"."occurred_at" <= "t32"."until"
            ) AS "t38"
            ANTI JOIN "t23" AS "t29"
              ON "t38"."customer_id" = "t29"."customer_id"
              AND "t29"."occurred_at" = "t38"."occurred_at"
              AND "t29"."position" > "t38"."position"
          ) AS "t40"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t41"."customer_id",
              "t41"."occurred_at",
              "t41"."position"
            FROM (
              SELECT
                "t39"."customer_id",
                "t39"."occurred_at",
                "t39"."position",
                "t39"."is_first",
                MIN(
                  CASE
                    WHEN "t39"."is_first"
                    THEN CAST(NULL AS TIMESTAMP(6))
                    ELSE "t39"."occurred_at"
                  END
                ) OVER (
                  PARTITION BY "t39"."customer_id"
                  ORDER BY "t39"."occurred_at" DESC, "t39"."position" DESC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                ) AS "next_answer"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t27"."customer_id",
                    "t27"."occurred_at",
                    "t27"."position",
                    TRUE AS "is_first"
                  FROM "t24" AS "t27"
                ) AS "t33"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t34"."customer_id",
                    "t34"."occurred_at",
                    "t34"."position",
                    FALSE AS "is_first"
                  FROM (
                    SELECT
                      "t14"."customer_id",
                      "t14"."occurred_at",
                      "t14"."position"
                    FROM "t6" AS "t14"
                    SEMI JOIN (
                      SELECT
                        "t15"."customer_id"
                      FROM (
                        SELECT
                          "t10"."customer_id",
                          COUNT(*) AS "times"
                        FROM "t6" AS "t10"
                        GROUP BY
                          1
                      ) AS "t15"
                      WHERE
                        "t15"."times" > 64
                    ) AS "t21"
                      ON "t14"."customer_id" = "t21"."customer_id"
                    SEMI JOIN "t24" AS "t31"
                      ON "t14"."customer_id" = "t31"."customer_id"
                  ) AS "t34"
                ) AS "t37"
              ) AS "t39"
            ) AS "t41"
            WHERE
              "t41"."is_first"
              AND NOT (
                COALESCE(
                  "t41"."next_answer" <= (
                    "t41"."occurred_at" + INTERVAL '86400000000' MICROSECOND
                  ),
                  FALSE
                )
              )
          ) AS "t42"
        ) AS "t43"
      ) AS "t44"
    ) AS "t46"
      ON "t4"."customer_id" = "t46"."side_2"
  ) AS "t47"
) AS "t48"
WHERE
  "t48"."holds"
