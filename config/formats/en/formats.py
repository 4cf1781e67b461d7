DATE_FORMAT = SHORT_DATE_FORMAT = "Y-m-d"  # read alike by who writes the month first and who writes the day first
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "Y-m-d H:i"
TIME_FORMAT = "H:i"
MONTH_DAY_FORMAT = "M j"
