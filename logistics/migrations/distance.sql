-- Great-circle distance in whole metres (haversine, mean radius of the IUGG), as b2b.core.geo has it.
CREATE FUNCTION logistics_distance_m(from_lat float8, from_lon float8, to_lat float8, to_lon float8) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT round(2 * 6371008.8 * asin(sqrt(least(1.0,
        sin(radians(to_lat - from_lat) / 2) ^ 2
        + cos(radians(from_lat)) * cos(radians(to_lat)) * sin(radians(to_lon - from_lon) / 2) ^ 2))))::bigint
$$;

-- What was doubted is kept for a time and then forgotten: for 30 days nobody takes it away.
CREATE FUNCTION logistics_refuse_young() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.received_at > midstream_now() - interval '30 days' THEN
        RAISE EXCEPTION 'positions in quarantine are kept for 30 days' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
