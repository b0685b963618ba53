using Spectre.Console;
using Tabular.ModelCache;

namespace Tabular;

/// <summary>One bar per model until the gate is open or the start has failed; it knows what <see cref="IModelCache.WatchAsync"/> yields, no more.</summary>
internal sealed class StartupProgress(IModelCache cache, IAnsiConsole console) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (IsOver(cache.Status))
        {
            return;
        }

        await console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new DownloadedColumn(), new TransferSpeedColumn())
            .StartAsync(context => ShowAsync(context, stoppingToken));
    }

    private async Task ShowAsync(ProgressContext context, CancellationToken stoppingToken)
    {
        var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
        try
        {
            await foreach (var status in cache.WatchAsync(stoppingToken))
            {
                if (IsOver(status))
                {
                    return;
                }

                foreach (var model in status.Models)
                {
                    if (!bars.TryGetValue(model.Name, out var bar))
                    {
                        bars[model.Name] = bar = context.AddTask(model.Name);
                    }

                    Show(bar, model);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the bars go with it.
        }
    }

    private static void Show(ProgressTask bar, ModelStatus model)
    {
        bar.Description = Markup.Escape($"{model.Name}: {model.State}");
        bar.IsIndeterminate = model.Progress is not { TotalBytes: > 0 };
        if (model.Progress is { TotalBytes: > 0 } progress)
        {
            bar.MaxValue = progress.TotalBytes;
            bar.Value = progress.Bytes;
        }
    }

    private static bool IsOver(ModelCacheStatus status) => status.IsReady || status.State == ModelCacheState.Failed;
}
