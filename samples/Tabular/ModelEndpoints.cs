using Tabular.ModelCache;

namespace Tabular;

/// <summary><c>GET /models</c> tells what is served; <c>POST /warmup</c> reads every byte once, as a reader of the models would.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this WebApplication app)
    {
        app.MapGet("/models", (IModelCache cache) => cache.Status.IsReady
            ? Results.Ok(cache.Status.Models.Select(m => Describe(Get(cache, m.Name))))
            : Closed(cache));

        app.MapPost("/warmup", async (IModelCache cache, CancellationToken cancellationToken) =>
        {
            if (!cache.Status.IsReady)
            {
                return Closed(cache);
            }

            var results = new List<object>();
            foreach (var status in cache.Status.Models)
            {
                var model = Get(cache, status.Name);
                var (bytes, seconds) = await WarmUp.ReadAsync(model.Path, cancellationToken);
                results.Add(new { model.Name, model.Version, bytes, seconds, cache_hit = model.CacheHit });
            }

            return Results.Ok(results);
        });
    }

    private static CachedModel Get(IModelCache cache, string name) =>
        cache.TryGetModel(name, out var model) ? model : throw new InvalidOperationException($"The gate closed while '{name}' was looked up.");

    private static object Describe(CachedModel model) => new
    {
        model.Name,
        model.Kind,
        model.Version,
        model.Path,
        model.Bytes,
        cache_hit = model.CacheHit,
        model.Environment,
    };

    private static IResult Closed(IModelCache cache) =>
        Results.Json(new { state = cache.Status.State.ToString(), reason = cache.Status.Reason }, statusCode: StatusCodes.Status503ServiceUnavailable);
}
