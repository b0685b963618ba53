using System.CommandLine;
using LocalBucket;

var port = new Option<int>("--port")
{
    Description = "The TCP port on 127.0.0.1; 0 takes a free one.",
    DefaultValueFactory = _ => 9000,
};
port.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 0 or > 65535)
    {
        result.AddError($"--port must be 0 to 65535, but is {value}.");
    }
});
var directory = new Option<string?>("--directory")
{
    Description = "Where the buckets live: each is a folder of its name, each object a plain file in it. Without it they live in memory, and each is there at its first use.",
};
var log = new Option<bool>("--log") { Description = "Writes a line for each request." };
var command = new RootCommand("Serves directories as Cloud Storage buckets, on this machine only.") { port, directory, log };
command.SetAction((result, cancellationToken) => BucketHost.RunAsync(
    result.GetValue(port), result.GetValue(directory), result.GetValue(log), cancellationToken));
return await command.Parse(args).InvokeAsync();
