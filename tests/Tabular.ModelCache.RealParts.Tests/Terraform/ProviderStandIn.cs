using System.Buffers.Binary;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Tabular.ModelCache.RealParts.Tests.Terraform;

/// <summary>
/// Stands in for the provider of Google, so that Terraform validates and tests where its registry cannot be reached: it serves a schema, finds
/// every configuration valid, and does nothing else. Values come from the mocks of <c>terraform test</c>. The schema, <c>google.json</c>, has the
/// resources and arguments that the configuration uses, with the types that hashicorp/google 7.45 gives them: another argument is an error here until it
/// is added there.
/// </summary>
internal sealed class ProviderStandIn : IAsyncDisposable
{
    private const string Provider = "registry.terraform.io/hashicorp/google";
    private const string Service = "/tfplugin5.Provider/";

    // gRPC puts a byte for compression and the length before each message.
    private const int PrefixLength = 5;

    private readonly WebApplication _app;
    private readonly byte[] _schema;

    private ProviderStandIn(byte[] schema)
    {
        _schema = schema;
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>The value of <c>TF_REATTACH_PROVIDERS</c> that makes Terraform use this process.</summary>
    public string Reattach => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        [Provider] = new
        {
            Protocol = "grpc",
            ProtocolVersion = 5,
            Pid = Environment.ProcessId,
            Test = true, // Terraform does not end what it has not started.
            Addr = new { Network = "tcp", String = Address.Authority },
        },
    });

    private Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<ProviderStandIn> StartAsync(string schemaPath, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(schemaPath);
        using var schema = await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        var standIn = new ProviderStandIn(ProviderSchema.Encode(schema.RootElement));
        await standIn._app.StartAsync(cancellationToken);
        return standIn;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        const string Unimplemented = "12";
        context.Response.ContentType = "application/grpc";
        if (context.Request.Path.Value?.StartsWith(Service, StringComparison.Ordinal) != true)
        {
            context.Response.Headers["grpc-status"] = Unimplemented;
            return;
        }

        using var request = new MemoryStream();
        await context.Request.Body.CopyToAsync(request, context.RequestAborted);
        var message = context.Request.Path.Value[Service.Length..] switch
        {
            "GetSchema" => _schema,
            "PrepareProviderConfig" => request.ToArray()[PrefixLength..], // The configuration as it is: field 1 of both messages.
            _ => [],
        };
        var prefix = new byte[PrefixLength];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), message.Length);
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync((byte[])[.. prefix, .. message], context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
