-- sequence('Product Viewed', 'Cart Viewed', 'Order Completed', within='24h', this_month=True)
WITH "t9" AS (
  SELECT
    "t3"."customer_id",
    "t3"."occurred_at",
    "t3"."position"
  FROM "event_order_completed" AS "t3"
  WHERE
    "t3"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t3"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
), "t22" AS (
  SELECT
    "t13"."customer_id",
    "t13"."occurred_at",
    "t13"."position"
  FROM (
    SELECT
      "t2"."customer_id",
      "t2"."occurred_at",
      "t2"."position"
    FROM "event_cart_viewed" AS "t2"
    WHERE
      "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
      AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
  ) AS "t13"
  SEMI JOIN (
    SELECT
      "t18"."customer_id"
    FROM (
      SELECT
        "t14"."customer_id",
        COUNT(*) AS "times"
      FROM "t9" AS "t14"
      GROUP BY
        1
    ) AS "t18"
    WHERE
      "t18"."times" > 64
  ) AS "t20"
    ON "t13"."customer_id" = "t20"."customer_id"
), "t34" AS (
  SELECT
    *
  FROM (
    SELECT DISTINCT
      *
    FROM (
      SELECT
        "t16"."customer_id",
        "t16"."occurred_at",
        "t16"."position"
      FROM (
        SELECT
          "t2"."customer_id",
          "t2"."occurred_at",
          "t2"."position",
          "t2"."occurred_at" + INTERVAL '86400000000' MICROSECOND AS "until"
        FROM "event_cart_viewed" AS "t2"
        WHERE
          "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
          AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
      ) AS "t16"
      INNER JOIN (
        SELECT
          "t17"."customer_id",
          "t17"."occurred_at",
          "t17"."position"
        FROM "t9" AS "t17"
        ANTI JOIN (
          SELECT
            "t18"."customer_id"
          FROM (
            SELECT
              "t14"."customer_id",
              COUNT(*) AS "times"
            FROM "t9" AS "t14"
            GROUP BY
              1
          ) AS "t18"
          WHERE
            "t18"."times" > 64
        ) AS "t20"
          ON "t17"."customer_id" = "t20"."customer_id"
      ) AS "t23"
        ON "t16"."customer_id" = "t23"."customer_id"
        AND "t23"."occurred_at" >= "t16"."occurred_at"
        AND "t23"."occurred_at" <= "t16"."until"
        AND (
          (
            "t23"."occurred_at" > "t16"."occurred_at"
          )
          OR (
            "t23"."position" > "t16"."position"
          )
        )
    ) AS "t27"
  ) AS "t29"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t32"."customer_id",
      "t32"."occurred_at",
      "t32"."position"
    FROM (
      SELECT
        "t31"."customer_id",
        "t31"."occurred_at",
        "t31"."position",
        "t31"."is_first",
        MIN(
          CASE
            WHEN "t31"."is_first"
            THEN CAST(NULL AS TIMESTAMP(6))
            ELSE "t31"."occurred_at"
          END
        ) OVER (
          PARTITION BY "t31"."customer_id"
          ORDER BY "t31"."occurred_at" DESC, "t31"."position" DESC
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
        ) AS "next_answer"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t24"."customer_id",
            "t24"."occurred_at",
            "t24"."position",
            TRUE AS "is_first"
          FROM "t22" AS "t24"
        ) AS "t26"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t28"."customer_id",
            "t28"."occurred_at",
            "t28"."position",
            FALSE AS "is_first"
          FROM (
            SELECT
              "t17"."customer_id",
              "t17"."occurred_at",
              "t17"."position"
            FROM "t9" AS "t17"
            SEMI JOIN (
              SELECT
                "t18"."customer_id"
              FROM (
                SELECT
                  "t14"."customer_id",
                  COUNT(*) AS "times"
                FROM "t9" AS "t14"
                GROUP BY
                  1
              ) AS "t18"
              WHERE
                "t18"."times" > 64
            ) AS "t20"
              ON "t17"."customer_id" = "t20"."customer_id"
            SEMI JOIN "t22" AS "t25"
              ON "t17"."customer_id" = "t25"."customer_id"
          ) AS "t28"
        ) AS "t30"
      ) AS "t31"
    ) AS "t32"
    WHERE
      "t32"."is_first"
      AND COALESCE(
        "t32"."next_answer" <= (
          "t32"."occurred_at" + INTERVAL '86400000000' MICROSECOND
        ),
        FALSE
      )
  ) AS "t33"
), "t41" AS (
  SELECT
    "t11"."customer_id",
    "t11"."occurred_at",
    "t11"."position"
  FROM (
    SELECT
      "t1"."customer_id",
      "t1"."occurred_at",
      "t1"."position"
    FROM "event_product_viewed" AS "t1"
    WHERE
      "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
      AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
  ) AS "t11"
  SEMI JOIN (
    SELECT
      "t37"."customer_id"
    FROM (
      SELECT
        "t35"."customer_id",
        COUNT(*) AS "times"
      FROM "t34" AS "t35"
      GROUP BY
        1
    ) AS "t37"
    WHERE
      "t37"."times" > 64
  ) AS "t39"
    ON "t11"."customer_id" = "t39"."customer_id"
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
          *
        FROM (
          SELECT DISTINCT
            *
          FROM (
            SELECT
              "t15"."customer_id",
              "t15"."occurred_at",
              "t15"."position"
            FROM (
              SELECT
                "t1"."customer_id",
                "t1"."occurred_at",
                "t1"."position",
                "t1"."occurred_at" + INTERVAL '86400000000' MICROSECOND AS "until"
              FROM "event_product_viewed" AS "t1"
              WHERE
                "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
                AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 28, 22, 59, 59.999999)
            ) AS "t15"
            INNER JOIN (
              SELECT
                "t36"."customer_id",
                "t36"."occurred_at",
                "t36"."position"
              FROM "t34" AS "t36"
              ANTI JOIN (
                SELECT
                  "t37"."customer_id"
                FROM (
                  SELECT
                    "t35"."customer_id",
                    COUNT(*) AS "times"
                  FROM "t34" AS "t35"
                  GROUP BY
                    1
                ) AS "t37"
                WHERE
                  "t37"."times" > 64
              ) AS "t39"
                ON "t36"."customer_id" = "t39"."customer_id"
            ) AS "t42"
              ON "t15"."customer_id" = "t42"."customer_id"
              AND "t42"."occurred_at" >= "t15"."occurred_at"
              AND "t42"."occurred_at" <= "t15"."until"
              AND (
                (
                  "t42"."occurred_at" > "t15"."occurred_at"
                )
                OR (
                  "t42"."position" > "t15"."position"
                )
              )
          ) AS "t46"
        ) AS "t48"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t51"."customer_id",
            "t51"."occurred_at",
            "t51"."position"
          FROM (
            SELECT
              "t50"."customer_id",
              "t50"."occurred_at",
              "t50"."position",
              "t50"."is_first",
              MIN(
                CASE
                  WHEN "t50"."is_first"
                  THEN CAST(NULL AS TIMESTAMP(6))
                  ELSE "t50"."occurred_at"
                END
              ) OVER (
                PARTITION BY "t50"."customer_id"
                ORDER BY "t50"."occurred_at" DESC, "t50"."position" DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
              ) AS "next_answer"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t43"."customer_id",
                  "t43"."occurred_at",
                  "t43"."position",
                  TRUE AS "is_first"
                FROM "t41" AS "t43"
              ) AS "t45"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t47"."customer_id",
                  "t47"."occurred_at",
                  "t47"."position",
                  FALSE AS "is_first"
                FROM (
                  SELECT
                    "t36"."customer_id",
                    "t36"."occurred_at",
                    "t36"."position"
                  FROM "t34" AS "t36"
                  SEMI JOIN (
                    SELECT
                      "t37"."customer_id"
                    FROM (
                      SELECT
                        "t35"."customer_id",
                        COUNT(*) AS "times"
                      FROM "t34" AS "t35"
                      GROUP BY
                        1
                    ) AS "t37"
                    WHERE
                      "t37"."times" > 64
                  ) AS "t39"
                    ON "t36"."customer_id" = "t39"."customer_id"
                  SEMI JOIN "t41" AS "t44"
                    ON "t36"."customer_id" = "t44"."customer_id"
                ) AS "t47"
              ) AS "t49"
            ) AS "t50"
          ) AS "t51"
          WHERE
            "t51"."is_first"
            AND COALESCE(
              "t51"."next_answer" <= (
                "t51"."occurred_at" + INTERVAL '86400000000' MICROSECOND
              ),
              FALSE
            )
        ) AS "t52"
      ) AS "t53"
    ) AS "t54"
  ) AS "t56"
    ON "t4"."customer_id" = "t56"."side_0"
) AS "t57"
WHERE
  COALESCE("t57"."flag_0", FALSE)
