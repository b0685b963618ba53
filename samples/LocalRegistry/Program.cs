using System.CommandLine;
using LocalRegistry;

var port = new Option<int>("--port")
{
    Description = "The TCP port on 127.0.0.1; 0 takes a free one.",
    DefaultValueFactory = _ => 5005,
};
port.Validators.Add(result =>
{
    if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value is < 0 or > 65535)
    {
        result.AddError($"--port must be 0 to 65535, but is {value}.");
    }
});
var scale = new Option<double>("--scale")
{
    Description = "The size of the large files as a part of the real one; 1 is 1.3 GB and 4.6 GB.",
    DefaultValueFactory = _ => 1,
};
scale.Validators.Add(result =>
{
    if (result.Tokens.Count == 1
        && double.TryParse(result.Tokens[0].Value, out var value)
        && value is not (> 0 and <= 100))
    {
        result.AddError($"--scale must be above 0 and at most 100, but is {result.Tokens[0].Value}.");
    }
});
var log = new Option<bool>("--log") { Description = "Writes a line for each request." };
var command = new RootCommand("Serves generated models as the Ollama registry and the Hugging Face Hub do, on this machine only.") { port, scale, log };
command.SetAction((result, cancellationToken) => RegistryHost.RunAsync(
    result.GetValue(port), result.GetValue(scale), result.GetValue(log), cancellationToken));
return await command.Parse(args).InvokeAsync();
