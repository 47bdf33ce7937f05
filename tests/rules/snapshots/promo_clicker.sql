-- count('Email Link Clicked', where=campaign_type == 'promo', last='7d') >= 2
SELECT
  "t8"."customer_id"
FROM (
  SELECT
    "t7"."customer_id",
    COALESCE(COALESCE("t7"."figure_0", 0) >= 2, FALSE) AS "holds"
  FROM (
    SELECT
      "t2"."customer_id",
      "t2"."country",
      "t6"."side_0",
      "t6"."figure_0"
    FROM "customers" AS "t2"
    LEFT OUTER JOIN (
      SELECT
        "t4"."customer_id" AS "side_0",
        "t4"."figure_0"
      FROM (
        SELECT
          "t3"."customer_id",
          COUNT(*) AS "figure_0"
        FROM (
          SELECT
            *
          FROM "event_email_link_clicked" AS "t1"
          WHERE
            "t1"."occurred_at" <= MAKE_TIMESTAMP(2026, 3, 29, 12, 0, 0.0)
            AND "t1"."occurred_at" > MAKE_TIMESTAMP(2026, 3, 22, 12, 0, 0.0)
            AND "t1"."campaign_type" = 'promo'
        ) AS "t3"
        GROUP BY
          1
      ) AS "t4"
    ) AS "t6"
      ON "t2"."customer_id" = "t6"."side_0"
  ) AS "t7"
) AS "t8"
WHERE
  "t8"."holds"
