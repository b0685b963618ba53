using Tabular.ModelCache.Benchmarks.Harness;
using Tabular.ModelCache.Benchmarks.Processes;
using Tabular.ModelCache.Benchmarks.Recordings;
using Tabular.ModelCache.Sources.Ollama;

namespace Tabular.ModelCache.Benchmarks.Jobs;

/// <summary>The sample app starts on a hit; measured is the time from the start of its process to the first 200 of <c>/healthz</c>.</summary>
/// <param name="lab">Where it runs.</param>
/// <param name="compilation">When the code of the programs is compiled.</param>
internal sealed class StartToReady(Lab lab, Compilation compilation) : IBenchmark, IAsyncDisposable
{
    /// <summary>The files are only looked at, so that their size does not matter.</summary>
    private const double Share = 0.1;

    private const double MostRatio = 1.15;

    private readonly HttpClient _client = new();
    private PublishedModels? _models;
    private string? _phases;

    public string Name => compilation switch
    {
        Compilation.JustInTime => "start-to-ready",
        Compilation.ReadyToRun => "start-to-ready-compiled",
        _ => "start-to-ready-composite",
    };

    public string Ours => compilation switch
    {
        Compilation.JustInTime => "the sample app from exec to 200 of `/healthz`, a hit at level Metadata",
        Compilation.ReadyToRun => "the same with `PublishReadyToRun`",
        _ => "the same with `PublishReadyToRunComposite`, self-contained",
    };

    public long Bytes => _models?.Set.Bytes ?? 0;

    public string? Missing { get; private set; }

    public IReadOnlyList<Opponent> Opponents =>
    [
        new("bare", "the same app without the library: its sources, with a gate that is always open", MeasureBareAsync) { Aim = Aim.AtMost(MostRatio) },
        new("plain-reads", "the least that asks the bucket: that app with the same requests by a bare HttpClient, in turn, answers not looked at", MeasurePlainAsync),
    ];

    public async Task PrepareAsync(CancellationToken cancellationToken) =>
        Missing = InstalledProgram.FindMissingOfMount() is { } missing ? missing
            : compilation == Compilation.Composite && !lab.Options.WithComposite ? "`--composite`, for a build that takes 5 to 10 minutes,"
            : await lab.FindMissingAsync(compilation, cancellationToken);

    public async Task<Measurement> MeasureOursAsync(CancellationToken cancellationToken)
    {
        var measurement = await MeasureAsync(await CreateAsync(isBare: false, cancellationToken), cancellationToken);

        // Once, when the servers have their code compiled: two starts more in each round would tell the same.
        _phases ??= await DescribeAsync(cancellationToken);
        return measurement with { Note = _phases };
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return default;
    }

    private async Task<Measurement> MeasureBareAsync(CancellationToken cancellationToken) =>
        await MeasureAsync(await CreateAsync(isBare: true, cancellationToken), cancellationToken);

    private async Task<Measurement> MeasurePlainAsync(CancellationToken cancellationToken)
    {
        var (command, health) = await CreateAsync(isBare: true, cancellationToken);
        var bucket = new Uri((await lab.GetBucketAsync(cancellationToken)).Hello.Endpoint, $"storage/v1/b/{_models!.Bucket}/o");
        string[] reads = [$"{bucket}/manifest.json", $"{bucket}/manifest.json?alt=media", $"{bucket}?prefix=ollama/", $"{bucket}?prefix=sbert/"];
        var environment = new Dictionary<string, string>(command.Environment) { ["PLAIN_READS"] = string.Join(' ', reads) };
        return await MeasureAsync((command with { Environment = environment }, health), cancellationToken);
    }

    private Task<Measurement> MeasureAsync((Command Command, Uri Health) app, CancellationToken cancellationToken) => lab.MeasureAsync(
        async token =>
        {
            await using var program = RunningProgram.Start(app.Command);
            var measurement = program.MeasureUntil(await program.WaitForSuccessAsync(_client, app.Health, token));
            await program.StopAsync(token);
            return measurement;
        },
        cancellationToken);

    /// <summary>Starts both once more, with what would disturb the measured runs.</summary>
    private async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        var (ours, theirs) = (lab.Path(lab.NextName()), lab.Path(lab.NextName()));
        var bare = await CreateAsync(isBare: true, cancellationToken);
        await MeasureAsync((Recording.Of(bare.Command, theirs), bare.Health), cancellationToken);
        var sample = await CreateAsync(isBare: false, cancellationToken);
        await using var program = RunningProgram.Start(Recording.Of(StartPhases.WithTimes(sample.Command), ours));
        await program.WaitForSuccessAsync(_client, sample.Health, cancellationToken);
        var answered = TimeProvider.System.GetUtcNow().UtcDateTime;
        await program.StopAsync(cancellationToken);
        return StartPhases.Describe(
            program.StartedUtc, program.Lines, answered,
            await Recording.ReadAsync(ours, cancellationToken), await Recording.ReadAsync(theirs, cancellationToken));
    }

    private async Task<(Command Command, Uri Health)> CreateAsync(bool isBare, CancellationToken cancellationToken)
    {
        _models ??= await lab.Models.GetPublishedAsync(Share, cancellationToken);
        var port = FreePort.Find(Random.Shared);
        var programs = await lab.GetProgramsAsync(compilation, cancellationToken);
        var app = await _models.CreateAppAsync(cancellationToken);
        var service = app.Service(port);
        var command = Programs.Run(isBare ? programs.Bare : programs.Sample, [], service.Folder) with { Environment = service.Environment };
        return (command, new Uri($"http://127.0.0.1:{port}/healthz"));
    }
}
