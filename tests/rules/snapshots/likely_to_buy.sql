-- score.purchase_30d >= 0.6 and consent.marketing_email
SELECT
  "t11"."customer_id"
FROM (
  SELECT
    "t10"."customer_id",
    COALESCE(
      (
        CASE
          WHEN ABS("t10"."value_0") BETWEEN 1e-300 AND 1.7976931348623157e+308
          THEN CASE
            WHEN CAST(FLOOR(LOG(ABS("t10"."value_0"))) AS BIGINT) < 9
            THEN CAST(FLOOR(
              (
                ABS("t10"."value_0") * (
                  POWER(10.0, (
                    8.0 - CAST(FLOOR(LOG(ABS("t10"."value_0"))) AS BIGINT)
                  ))
                )
              ) + 0.5
            ) AS BIGINT) / (
              POWER(10.0, (
                8.0 - CAST(FLOOR(LOG(ABS("t10"."value_0"))) AS BIGINT)
              ))
            )
            ELSE CAST(FLOOR(
              (
                ABS("t10"."value_0") / (
                  POWER(10.0, (
                    CAST(FLOOR(LOG(ABS("t10"."value_0"))) AS BIGINT) - 8.0
                  ))
                )
              ) + 0.5
            ) AS BIGINT) * (
              POWER(10.0, (
                CAST(FLOOR(LOG(ABS("t10"."value_0"))) AS BIGINT) - 8.0
              ))
            )
          END * SIGN("t10"."value_0")
          ELSE CASE WHEN ABS("t10"."value_0") < 1e-300 THEN 0.0 ELSE CAST(NULL AS DOUBLE) END
        END >= 0.6
      )
      AND "t10"."value_1",
      FALSE
    ) AS "holds"
  FROM (
    SELECT
      "t3"."customer_id",
      "t3"."country",
      "t6"."side_0",
      "t6"."value_0",
      "t9"."side_1",
      "t9"."value_1"
    FROM "customers" AS "t3"
    LEFT OUTER JOIN (
      SELECT
        "t1"."customer_id" AS "side_0",
        "t1"."score" AS "value_0"
      FROM "scores" AS "t1"
      WHERE
        "t1"."model" = 'purchase_30d'
    ) AS "t6"
      ON "t3"."customer_id" = "t6"."side_0"
    LEFT OUTER JOIN (
      SELECT
        "t7"."customer_id" AS "side_1",
        "t7"."value" AS "value_1"
      FROM (
        SELECT
          "t5"."customer_id",
          "t5"."purpose",
          "t5"."given",
          "t5"."occurred_at",
          "t5"."position",
          "t5"."value",
          ROW_NUMBER() OVER (
            PARTITION BY "t5"."customer_id"
            ORDER BY "t5"."occurred_at" DESC, "t5"."position" DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1 AS "place"
        FROM (
          SELECT
            "t2"."customer_id",
            "t2"."purpose",
            "t2"."given",
            "t2"."occurred_at",
            "t2"."position",
            "t2"."given" AS "value"
          FROM "consents" AS "t2"
          WHERE
            "t2"."purpose" = 'marketing_email'
            AND "t2"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
        ) AS "t5"
      ) AS "t7"
      WHERE
        "t7"."place" = 0
    ) AS "t9"
      ON "t3"."customer_id" = "t9"."side_1"
  ) AS "t10"
) AS "t11"
WHERE
  "t11"."holds"
