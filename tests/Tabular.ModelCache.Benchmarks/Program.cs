using System.CommandLine;
using Tabular.ModelCache.Benchmarks;
using Tabular.ModelCache.Benchmarks.Servers;
using Tabular.ModelCache.Benchmarks.Uploads;

var pairs = new Option<int>("--pairs")
{
    Description = "How many measured pairs of each row; the pair before them, which warms up the servers, does not count.",
    DefaultValueFactory = _ => BenchmarkOptions.DefaultPairs,
};
pairs.Validators.Add(result => Require(result.GetValue(pairs) is >= 1 and <= 1000, result, "--pairs must be 1 to 1000"));
var scale = new Option<double>("--scale")
{
    Description = "The size of the models as a part of the real ones, which have 3.6 GB.",
    DefaultValueFactory = _ => BenchmarkOptions.DefaultScale,
};
scale.Validators.Add(result => Require(
    result.GetValue(scale) is >= BenchmarkOptions.LeastScale and <= 10, result, $"--scale must be {BenchmarkOptions.LeastScale} to 10"));
var only = new Option<string?>("--only") { Description = "Only the rows whose names begin so." };
var directory = new Option<string?>("--directory") { Description = "Keeps the bucket in a directory instead of memory, so that the disk is measured too." };
var maxLoad = new Option<double?>("--max-load") { Description = "Each pair waits until the load of the last minute is below it." };

var smoke = new Option<bool>("--smoke") { Description = "Runs every row once with tiny models, to see whether all of them still run. The times mean nothing." };
var composite = new Option<bool>("--composite")
{
    Description = "Measures a start with PublishReadyToRunComposite too; the first time, compiling takes 5 to 10 minutes.",
};

var root = new RootCommand("Measures the library against other programs that do the same work, and prints a table.")
{
    pairs, scale, only, directory, maxLoad, smoke, composite,
};
root.SetAction((result, cancellationToken) => BenchmarkProgram.RunAsync(
    result.GetValue(smoke)
        ? new BenchmarkOptions(1, BenchmarkOptions.SmokeScale, result.GetValue(only), result.GetValue(directory), MaxLoad: null, IsSmoke: true)
        : new BenchmarkOptions(
            result.GetValue(pairs), result.GetValue(scale), result.GetValue(only), result.GetValue(directory), result.GetValue(maxLoad), IsSmoke: false)
        {
            WithComposite = result.GetValue(composite),
        },
    cancellationToken));

var registry = new Command(RegistryServing.Command) { Hidden = true };
registry.SetAction((_, cancellationToken) => RegistryServing.RunAsync(cancellationToken));
root.Subcommands.Add(registry);

var bucket = new Command(BucketServing.Command) { Hidden = true };
bucket.Options.Add(directory);
bucket.SetAction((result, cancellationToken) => BucketServing.RunAsync(result.GetValue(directory), cancellationToken));
root.Subcommands.Add(bucket);

var list = new Argument<string>("list");
var storage = new Argument<string>("storage");
var target = new Argument<string>("bucket");
var upload = new Command(DownloadThenUpload.Command) { list, storage, target };
upload.Hidden = true;
upload.SetAction((result, cancellationToken) => DownloadThenUpload.RunAsync(
    result.GetRequiredValue(list), new Uri(result.GetRequiredValue(storage)), result.GetRequiredValue(target), cancellationToken));
root.Subcommands.Add(upload);

return await root.Parse(args).InvokeAsync();

static void Require(bool condition, System.CommandLine.Parsing.OptionResult result, string rule)
{
    if (!condition)
    {
        result.AddError($"{rule}, but is {string.Join(' ', result.Tokens.Select(token => token.Value))}.");
    }
}
