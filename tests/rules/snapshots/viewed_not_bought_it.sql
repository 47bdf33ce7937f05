-- unfollowed('Product Viewed', by='Product Ordered', on='product_id', within='7d', last='30d')
WITH "t4" AS (
  SELECT
    "t1"."customer_id",
    "t1"."occurred_at",
    "t1"."position",
    "t1"."product_id" AS "link"
  FROM "event_product_ordered" AS "t1"
  WHERE
    "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
    AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 27, 12, 0, 0.0)
    AND "t1"."product_id" IS NOT NULL
), "t14" AS (
  SELECT
    "t10"."customer_id",
    "t10"."occurred_at",
    "t10"."position",
    "t10"."link"
  FROM "t4" AS "t10"
  ANTI JOIN (
    SELECT
      "t11"."customer_id",
      "t11"."link"
    FROM (
      SELECT
        "t7"."customer_id",
        "t7"."link",
        COUNT(*) AS "times"
      FROM "t4" AS "t7"
      GROUP BY
        1,
        2
    ) AS "t11"
    WHERE
      "t11"."times" > 64
  ) AS "t13"
    ON "t10"."customer_id" = "t13"."customer_id" AND "t10"."link" = "t13"."link"
), "t15" AS (
  SELECT
    "t8"."customer_id",
    "t8"."occurred_at",
    "t8"."position",
    "t8"."link"
  FROM (
    SELECT
      "t2"."customer_id",
      "t2"."occurred_at",
      "t2"."position",
      "t2"."product_id" AS "link"
    FROM "event_product_viewed" AS "t2"
    WHERE
      "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
      AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 27, 12, 0, 0.0)
      AND "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
  ) AS "t8"
  SEMI JOIN (
    SELECT
      "t11"."customer_id",
      "t11"."link"
    FROM (
      SELECT
        "t7"."customer_id",
        "t7"."link",
        COUNT(*) AS "times"
      FROM "t4" AS "t7"
      GROUP BY
        1,
        2
    ) AS "t11"
    WHERE
      "t11"."times" > 64
  ) AS "t13"
    ON "t8"."customer_id" = "t13"."customer_id" AND "t8"."link" = "t13"."link"
)
SELECT
  "t38"."customer_id"
FROM (
  SELECT
    "t3"."customer_id",
    "t3"."country",
    "t37"."side_0",
    "t37"."flag_0"
  FROM "customers" AS "t3"
  LEFT OUTER JOIN (
    SELECT
      "t35"."customer_id" AS "side_0",
      TRUE AS "flag_0"
    FROM (
      SELECT DISTINCT
        "t34"."customer_id"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t29"."customer_id",
            "t29"."occurred_at",
            "t29"."position",
            "t29"."link"
          FROM (
            SELECT
              "t23"."customer_id",
              "t23"."occurred_at",
              "t23"."position",
              "t23"."link",
              "t23"."until"
            FROM (
              SELECT
                "t9"."customer_id",
                "t9"."occurred_at",
                "t9"."position",
                "t9"."link",
                "t9"."until"
              FROM (
                SELECT
                  "t2"."customer_id",
                  "t2"."occurred_at",
                  "t2"."position",
                  "t2"."product_id" AS "link",
                  "t2"."occurred_at" + INTERVAL '604800000000' MICROSECOND AS "until"
                FROM "event_product_viewed" AS "t2"
                WHERE
                  "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
                  AND "t2"."occurred_at" > MAKE_TIMESTAMP(2026, 2, 27, 12, 0, 0.0)
                  AND "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
              ) AS "t9"
              ANTI JOIN (
                SELECT
                  "t11"."customer_id",
                  "t11"."link"
                FROM (
                  SELECT
                    "t7"."customer_id",
                    "t7"."link",
                    COUNT(*) AS "times"
                  FROM "t4" AS "t7"
                  GROUP BY
                    1,
                    2
                ) AS "t11"
                WHERE
                  "t11"."times" > 64
              ) AS "t13"
                ON "t9"."customer_id" = "t13"."customer_id" AND "t9"."link" = "t13"."link"
            ) AS "t23"
            ANTI JOIN "t14" AS "t21"
              ON "t23"."customer_id" = "t21"."customer_id"
              AND "t23"."link" = "t21"."link"
              AND "t21"."occurred_at" > "t23"."occurred_at"
              AND "t21"."occurred_at" <= "t23"."until"
          ) AS "t29"
          ANTI JOIN "t14" AS "t20"
            ON "t29"."customer_id" = "t20"."customer_id"
            AND "t29"."link" = "t20"."link"
            AND "t20"."occurred_at" = "t29"."occurred_at"
            AND "t20"."position" > "t29"."position"
        ) AS "t31"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t32"."customer_id",
            "t32"."occurred_at",
            "t32"."position",
            "t32"."link"
          FROM (
            SELECT
              "t30"."customer_id",
              "t30"."occurred_at",
              "t30"."position",
              "t30"."link",
              "t30"."is_first",
              MIN(
                CASE
                  WHEN "t30"."is_first"
                  THEN CAST(NULL AS TIMESTAMP(6))
                  ELSE "t30"."occurred_at"
                END
              ) OVER (
                PARTITION BY "t30"."customer_id", "t30"."link"
                ORDER BY "t30"."occurred_at" DESC, "t30"."position" DESC
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
              ) AS "next_answer"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t18"."customer_id",
                  "t18"."occurred_at",
                  "t18"."position",
                  "t18"."link",
                  TRUE AS "is_first"
                FROM "t15" AS "t18"
              ) AS "t24"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t25"."customer_id",
                  "t25"."occurred_at",
                  "t25"."position",
                  "t25"."link",
                  FALSE AS "is_first"
                FROM (
                  SELECT
                    "t10"."customer_id",
                    "t10"."occurred_at",
                    "t10"."position",
                    "t10"."link"
                  FROM "t4" AS "t10"
                  SEMI JOIN (
                    SELECT
                      "t11"."customer_id",
                      "t11"."link"
                    FROM (
                      SELECT
                        "t7"."customer_id",
                        "t7"."link",
                        COUNT(*) AS "times"
                      FROM "t4" AS "t7"
                      GROUP BY
                        1,
                        2
                    ) AS "t11"
                    WHERE
                      "t11"."times" > 64
                  ) AS "t13"
                    ON "t10"."customer_id" = "t13"."customer_id" AND "t10"."link" = "t13"."link"
                  SEMI JOIN "t15" AS "t22"
                    ON "t10"."customer_id" = "t22"."customer_id" AND "t10"."link" = "t22"."link"
                ) AS "t25"
              ) AS "t28"
            ) AS "t30"
          ) AS "t32"
          WHERE
            "t32"."is_first"
            AND NOT (
              COALESCE(
                "t32"."next_answer" <= (
                  "t32"."occurred_at" + INTERVAL '604800000000' MICROSECOND
                ),
                FALSE
              )
            )
        ) AS "t33"
      ) AS "t34"
    ) AS "t35"
  ) AS "t37"
    ON "t3"."customer_id" = "t37"."side_0"
) AS "t38"
WHERE
  COALESCE("t38"."flag_0", FALSE)
